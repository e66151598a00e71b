"""
A version of a prompt that is no draft keeps its content, whoever writes to the table; and it moves only along its life.

Both refusals are integrity errors that carry a constraint's name, like those of the constraints beside them.
"""

from django.db import migrations

CREATE = """
CREATE FUNCTION governance_promptversion_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.state <> 'draft' THEN
            RAISE EXCEPTION 'version % of a prompt is %, only drafts can be deleted', OLD.id, OLD.state
                USING ERRCODE = 'check_violation', CONSTRAINT = 'promptversion_is_immutable';
        END IF;
        RETURN OLD;
    END IF;
    IF NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN (
        ('draft', 'in_review'), ('in_review', 'draft'), ('in_review', 'approved'), ('approved', 'released'),
        ('approved', 'retired'), ('released', 'retired'), ('retired', 'released')
    ) THEN
        RAISE EXCEPTION 'version % of a prompt can''t go from % to %', OLD.id, OLD.state, NEW.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'promptversion_moves_along_its_life';
    END IF;
    IF NEW.author_id IS DISTINCT FROM OLD.author_id AND NEW.author_id IS NOT NULL
        OR NEW.prompt_id <> OLD.prompt_id
        OR OLD.state <> 'draft' AND (
            NEW.text, NEW.variables, NEW.tier, NEW.temperature, NEW.max_output_tokens, NEW.sha256,
            NEW.major, NEW.minor, NEW.patch, NEW.level, NEW.level_reason, NEW.change_note, NEW.created_at
        ) IS DISTINCT FROM (
            OLD.text, OLD.variables, OLD.tier, OLD.temperature, OLD.max_output_tokens, OLD.sha256,
            OLD.major, OLD.minor, OLD.patch, OLD.level, OLD.level_reason, OLD.change_note, OLD.created_at
        )
        OR OLD.state NOT IN ('draft', 'in_review') AND (
            NEW.approved_at IS DISTINCT FROM OLD.approved_at
            OR NEW.approved_by_id IS DISTINCT FROM OLD.approved_by_id AND NEW.approved_by_id IS NOT NULL
        )
    THEN
        RAISE EXCEPTION 'version % of a prompt is %, its content can''t change any more', OLD.id, OLD.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'promptversion_is_immutable';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER promptversion_guard BEFORE UPDATE OR DELETE ON governance_promptversion
    FOR EACH ROW EXECUTE FUNCTION governance_promptversion_guard();
"""

DROP = """
DROP TRIGGER promptversion_guard ON governance_promptversion;
DROP FUNCTION governance_promptversion_guard();
"""


class Migration(migrations.Migration):
    dependencies = [("governance", "0002_append_only")]
    operations = [migrations.RunSQL(CREATE, DROP)]
