"""
A recipe never changes, whoever writes to the table; a release that has ended never comes back.

All refusals are integrity errors that carry a constraint's name, like those of the constraints beside them.
"""

from django.db import migrations

CREATE = """
CREATE FUNCTION governance_recipe_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a recipe can''t be changed or deleted: answers name it'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'recipe_is_immutable';
END $$;
CREATE TRIGGER recipe_guard BEFORE UPDATE OR DELETE ON governance_recipe
    FOR EACH ROW EXECUTE FUNCTION governance_recipe_guard();
CREATE TRIGGER recipeprompt_guard BEFORE UPDATE OR DELETE ON governance_recipeprompt
    FOR EACH ROW EXECUTE FUNCTION governance_recipe_guard();

CREATE FUNCTION governance_recipe_is_whole() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM governance_release WHERE recipe_id = NEW.recipe_id) THEN
        RAISE EXCEPTION 'a recipe that was released can''t get another part'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'recipe_is_immutable';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER recipeprompt_whole BEFORE INSERT ON governance_recipeprompt
    FOR EACH ROW EXECUTE FUNCTION governance_recipe_is_whole();

CREATE FUNCTION governance_release_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'release % can''t be deleted', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'release_is_kept';
    END IF;
    IF NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN (
        ('canary', 'full'), ('canary', 'taken_back'), ('canary', 'rolled_back'), ('canary', 'replaced'),
        ('full', 'rolled_back'), ('full', 'replaced')
    ) THEN
        RAISE EXCEPTION 'release % can''t go from % to %', OLD.id, OLD.state, NEW.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'release_moves_along_its_life';
    END IF;
    IF (NEW.recipe_id, NEW.at) IS DISTINCT FROM (OLD.recipe_id, OLD.at)
        OR OLD.ended_at IS NOT NULL AND NEW.ended_at IS DISTINCT FROM OLD.ended_at
        OR OLD.reason <> '' AND NEW.reason <> OLD.reason
    THEN
        RAISE EXCEPTION 'release % can''t say something else than it did', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'release_is_kept';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER release_guard BEFORE UPDATE OR DELETE ON governance_release
    FOR EACH ROW EXECUTE FUNCTION governance_release_guard();
"""

DROP = """
DROP TRIGGER release_guard ON governance_release;
DROP FUNCTION governance_release_guard();
DROP TRIGGER recipeprompt_whole ON governance_recipeprompt;
DROP FUNCTION governance_recipe_is_whole();
DROP TRIGGER recipeprompt_guard ON governance_recipeprompt;
DROP TRIGGER recipe_guard ON governance_recipe;
DROP FUNCTION governance_recipe_guard();
"""


class Migration(migrations.Migration):
    dependencies = [("governance", "0003_prompt_versions")]
    operations = [migrations.RunSQL(CREATE, DROP)]
