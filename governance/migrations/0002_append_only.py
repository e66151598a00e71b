"""
The audit record can only grow: triggers refuse everything else, and chain each row when its transaction commits.

Two things are let through: an erasure of content, and what retention removes while it says so in its own transaction
(`set_config('askacme.audit_retention', 'on', true)`). Tests that empty all tables between them set
`askacme.audit_truncate`; nothing else does.
"""

from django.db import migrations

from governance.audit.digests import ACTS, ANSWERS, LATEST, SALT, TABLES, Table, content_hash, digest, link_hash

CHAIN_LOCK = 0x41756474
"""An advisory lock: whoever holds it, at the very end of a commit, appends to the chain."""
KEPT = ("governance_auditevent", "governance_auditedanswer", "governance_auditlink", "governance_auditanchor")

# Empty outside of a commit. Foreign keys are checked at the commit as well, and may wait for other transactions: were
# the chain locked before that, two commits could wait for each other. What a deferred trigger adds is looked after
# once all that was deferred before is done, so the lock comes last.
PENDING = """
CREATE UNLOGGED TABLE governance_auditpending (
    kind text NOT NULL, row_id bigint NOT NULL, digest text NOT NULL, PRIMARY KEY (kind, row_id)
);
-- the planner takes the pending rows for none and would read all of them for each
CREATE FUNCTION governance_audit_append() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
DECLARE
    link governance_auditlink;
BEGIN
    PERFORM pg_advisory_xact_lock({lock});
    SELECT seq + 1, hash INTO link.seq, link.previous FROM governance_auditlink ORDER BY seq DESC LIMIT 1;
    IF link.seq IS NULL THEN
        SELECT seq + 1, hash INTO link.seq, link.previous FROM governance_auditanchor
        WHERE kind = 'cut' ORDER BY seq DESC LIMIT 1;
    END IF;
    link.seq := coalesce(link.seq, 1);
    link.previous := coalesce(link.previous, '');
    link.kind := NEW.kind;
    link.row_id := NEW.row_id;
    link.digest_version := {version};
    link.digest := NEW.digest;
    link.hash := {link_hash};
    INSERT INTO governance_auditlink SELECT link.*;
    DELETE FROM governance_auditpending WHERE kind = NEW.kind AND row_id = NEW.row_id;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER audit_append AFTER INSERT ON governance_auditpending
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION governance_audit_append();
""".format(lock=CHAIN_LOCK, version=LATEST, link_hash=link_hash("link"))  # noqa: S608 - all parts are our own

REFUSE = """
CREATE FUNCTION governance_audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('askacme.audit_retention', true) = 'on' THEN
        RETURN OLD;
    ELSIF TG_OP = 'TRUNCATE' AND current_setting('askacme.audit_truncate', true) = 'on' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'The audit record can only grow: % of % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;
"""

GUARD = """
CREATE TRIGGER audit_no_delete BEFORE DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION governance_audit_refuse();
CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION governance_audit_refuse();
"""

NO_UPDATE = """
CREATE TRIGGER audit_no_update BEFORE UPDATE ON {table}
    FOR EACH ROW EXECUTE FUNCTION governance_audit_refuse();
"""

CHAINED = """
CREATE FUNCTION {table}_seal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.salt := {salt};
    NEW.erased_at := NULL;
    NEW.erasure_id := NULL;
    NEW.content_hash := {content_hash};
    RETURN NEW;
END $$;
CREATE TRIGGER audit_seal BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_seal();

CREATE FUNCTION {table}_chain() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO governance_auditpending VALUES ('{kind}', NEW.id, {digest});
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER audit_chain AFTER INSERT ON {table}
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION {table}_chain();

CREATE FUNCTION {table}_erase() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    blanked {table} := OLD;
BEGIN
    {blank}
    blanked.salt := '';
    blanked.erased_at := NEW.erased_at;
    blanked.erasure_id := NEW.erasure_id;
    IF OLD.erased_at IS NOT NULL OR NEW.erased_at IS NULL OR NEW.erasure_id IS NULL
        OR NEW IS DISTINCT FROM blanked
    THEN
        RAISE EXCEPTION 'The audit record can only grow: all that can be changed in % is to erase its content', TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER audit_only_erase BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_erase();
"""

UNGUARD = """
DROP TRIGGER audit_no_delete ON {table};
DROP TRIGGER audit_no_truncate ON {table};
"""

UNCHAINED = """
DROP TRIGGER audit_only_erase ON {table};
DROP TRIGGER audit_chain ON {table};
DROP TRIGGER audit_seal ON {table};
DROP FUNCTION {table}_erase();
DROP FUNCTION {table}_chain();
DROP FUNCTION {table}_seal();
"""


def chained(table: Table) -> str:
    return CHAINED.format(
        table=table.name,
        kind=table.kind,
        salt=SALT,
        content_hash=content_hash(table, "NEW"),
        digest=digest(table, "NEW"),
        blank="\n    ".join(f"blanked.{column} := {value};" for column, value in table.content.items()),
    )


FORWARDS = [
    PENDING,
    REFUSE,
    *(GUARD.format(table=name) for name in KEPT),
    *(NO_UPDATE.format(table=name) for name in ("governance_auditlink", "governance_auditanchor")),
    *(chained(table) for table in TABLES.values()),
]
BACKWARDS = [
    *(UNCHAINED.format(table=table.name) for table in (ACTS, ANSWERS)),
    *(f"DROP TRIGGER audit_no_update ON {name}" for name in ("governance_auditlink", "governance_auditanchor")),
    *(UNGUARD.format(table=name) for name in KEPT),
    "DROP TABLE governance_auditpending; DROP FUNCTION governance_audit_append(); DROP FUNCTION governance_audit_refuse()",
]


class Migration(migrations.Migration):
    dependencies = [("governance", "0001_initial")]
    operations = [migrations.RunSQL("\n".join(FORWARDS), ";\n".join(BACKWARDS).replace(";\n;", ";"))]
