"""PostgreSQL's databases for one test after another: what a test wrote is washed out again.

A database of its own for every test, copied and dropped, cost more than most tests: files are copied, every
connection learns the tables anew, and PostgreSQL writes a checkpoint for each of them.
"""

from typing import LiteralString

import psycopg
import sqlalchemy as sa

CUT_OTHERS = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"""

KEEP = """
DO $$
DECLARE
    one record;
    filled boolean;
BEGIN
    CREATE SCHEMA kept;
    CREATE TABLE kept.sequences AS
        SELECT format('%I.%I', schemaname, sequencename)::regclass AS name,
               coalesce(last_value, start_value) AS value, last_value IS NOT NULL AS used
        FROM pg_sequences WHERE schemaname = 'public';
    FOR one IN SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM public.%I)', one.name) INTO filled;
        IF filled THEN
            EXECUTE format('CREATE TABLE kept.%I AS TABLE public.%I', 'of_' || one.name, one.name);
        END IF;
    END LOOP;
END $$"""

WASH = """
DO $$
DECLARE
    one record;
BEGIN
    SET LOCAL session_replication_role = replica;  -- nobody asks for the rows that others refer to
    -- What has grown is begun anew; elsewhere rows stand in the order in which they came.
    FOR one IN SELECT oid::regclass AS name FROM pg_class
               WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND pg_relation_size(oid) > 8192 LOOP
        EXECUTE format('TRUNCATE %s CASCADE', one.name);
    END LOOP;
    FOR one IN SELECT oid::regclass AS name, to_regclass(format('kept.%I', 'of_' || relname)) AS kept FROM pg_class
               WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' LOOP
        IF pg_relation_size(one.name) > 0 THEN
            EXECUTE format('DELETE FROM %s', one.name);
        END IF;
        IF one.kept IS NOT NULL THEN
            EXECUTE format('INSERT INTO %s OVERRIDING SYSTEM VALUE TABLE %s', one.name, one.kept);
        END IF;
    END LOOP;
    PERFORM setval(name, value, used) FROM kept.sequences;
END $$"""

SHAPE = """
SELECT (SELECT sum(hashtextextended(concat_ws(' ', oid, relname, relkind, relnatts), 0)) FROM pg_class WHERE relnamespace = space),
       (SELECT sum(hashtextextended(concat_ws(' ', attrelid, attname, atttypid, attnotnull, attisdropped), 0))
        FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid WHERE relnamespace = space AND attnum > 0),
       (SELECT sum(hashtextextended(concat_ws(' ', oid, conname), 0)) FROM pg_constraint WHERE connamespace = space),
       (SELECT sum(hashtextextended(concat_ws(' ', oid, tgenabled), 0)) FROM pg_trigger),
       (SELECT count(*) FROM pg_proc WHERE pronamespace = space),
       (SELECT count(*) FROM pg_db_role_setting)
FROM (SELECT 'public'::regnamespace::oid AS space) AS here"""


class Washed:
    """One database that is washed after each test."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._line = self._connect()
        self._run(KEEP)
        self._shape = self._run(SHAPE)

    def wash(self) -> bool:
        """Make it again as it was; False where a test has changed the tables themselves: then it is of no more use."""
        self._hold_on()
        self._run(CUT_OTHERS)
        if self._run(SHAPE) != self._shape:
            return False
        self._run(WASH)
        return True

    def close(self) -> None:
        """Let go of it."""
        self._line.close()

    def _connect(self) -> psycopg.Connection[tuple[object, ...]]:
        address = sa.make_url(self.address).set(drivername="postgresql")
        return psycopg.connect(address.render_as_string(hide_password=False), autocommit=True)

    def _hold_on(self) -> None:
        """A test may have cut every line to the database, this one as well."""
        try:
            self._run("SELECT 1")
        except psycopg.OperationalError:
            self._line.close()
            self._line = self._connect()

    def _run(self, statement: LiteralString) -> list[tuple[object, ...]]:
        answer = self._line.execute(statement)
        return answer.fetchall() if answer.description else []
