-- Sets %(amount)s aside in the present periods of all given budgets, or in none: when one lacks the room, or its row.
-- One statement, so that the rows are locked no longer than it takes. The lock comes first and in the order of the
-- ids; whoever waited for it reads what the one before has left.
WITH period AS MATERIALIZED (
    SELECT p.id, b.limit_usd - p.spent_usd - p.reserved_usd AS free_usd
    FROM governance_budgetperiod p
    JOIN governance_budget b ON b.id = p.budget_id
    JOIN unnest(%(budgets)s::bigint[], %(starts)s::date[]) AS wanted (budget_id, start)
        ON wanted.budget_id = p.budget_id AND wanted.start = p.start
    WHERE b.is_active
    ORDER BY p.id
    FOR UPDATE OF p
), hold AS (
    INSERT INTO governance_hold (id, request_id, created_at, expires_at, provider, model, amount_usd, state)
    SELECT %(id)s, %(request_id)s, %(created_at)s, %(expires_at)s, %(provider)s, %(model)s, %(amount)s, 'held'
    FROM period
    HAVING count(*) = cardinality(%(budgets)s::bigint[]) AND bool_and(free_usd >= %(amount)s)
    RETURNING id
), taken AS (
    UPDATE governance_budgetperiod p
    SET reserved_usd = p.reserved_usd + %(amount)s
    FROM period, hold
    WHERE p.id = period.id
)
INSERT INTO governance_hold_periods (hold_id, budgetperiod_id)
SELECT hold.id, period.id FROM hold, period
