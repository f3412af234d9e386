-- One row for each customer: who it is, what it subscribes to, and what it paid and owes.
--
-- Amounts are in the reporting currency, at today's rates.
--
-- grain: a customer
-- key: customer_id
-- one of: status: active, trialing, churned, never

WITH rates AS (
    SELECT r.account_id, r.currency, r.rate
    FROM month_rates AS r
    INNER JOIN months AS m ON m.month = r.month AND m.is_current
),

subscribed AS (
    SELECT
        s._account_id AS account_id,
        s.customer AS customer_id,
        SUM(CASE WHEN s.status IN ('active', 'past_due') THEN 1 ELSE 0 END) AS active,
        SUM(CASE WHEN s.status = 'trialing' THEN 1 ELSE 0 END) AS trialing,
        SUM(
            CASE
                WHEN s.status IN ('incomplete', 'incomplete_expired') THEN 0
                WHEN s.ended_at <= s.trial_end OR s.status = 'paused' THEN 0
                ELSE 1
            END
        ) AS ever,
        MIN(
            CASE WHEN s.status IN ('incomplete', 'incomplete_expired') THEN NULL ELSE s.start_date END
        ) AS first_at
    FROM raw.subscriptions AS s
    WHERE NOT s.is_deleted
    GROUP BY s._account_id, s.customer
),

worth AS (
    SELECT
        m.account_id,
        m.customer_id,
        SUM(m.mrr * r.rate) AS mrr,
        SUM(CASE WHEN r.rate IS NULL AND m.mrr > 0 THEN 1 ELSE 0 END) AS without_rate
    FROM mrr AS m
    LEFT JOIN rates AS r ON r.account_id = m.account_id AND r.currency = m.currency
    GROUP BY m.account_id, m.customer_id
),

billed AS (
    SELECT
        i._account_id AS account_id,
        i.customer AS customer_id,
        i.currency,
        SUM(CASE WHEN i.status IN ('open', 'paid', 'uncollectible') THEN 1 ELSE 0 END) AS invoices,
        SUM(i.amount_paid) AS paid,
        SUM(CASE WHEN i.status = 'open' THEN i.amount_remaining ELSE 0 END) AS outstanding,
        MAX(i.status_transitions__paid_at) AS last_paid_at
    FROM raw.invoices AS i
    WHERE NOT i.is_deleted
    GROUP BY i._account_id, i.customer, i.currency
),

billed_converted AS (
    SELECT
        b.account_id,
        b.customer_id,
        SUM(b.invoices) AS invoices,
        SUM(major(b.paid, b.currency) * r.rate) AS paid,
        SUM(major(b.outstanding, b.currency) * r.rate) AS outstanding,
        MAX(b.last_paid_at) AS last_paid_at,
        SUM(CASE WHEN r.rate IS NULL THEN 1 ELSE 0 END) AS without_rate
    FROM billed AS b
    LEFT JOIN rates AS r ON r.account_id = b.account_id AND r.currency = b.currency
    GROUP BY b.account_id, b.customer_id
)

SELECT
    c.account_id,
    c.customer_id,
    c.name,
    c.email,
    c.country,
    c.created_at AS customer_created_at,
    s.first_at AS first_subscribed_at, -- When the first subscription that went through began
    COALESCE(s.active, 0) AS active_subscriptions, -- Active or past due
    CASE
        WHEN s.active > 0 THEN 'active'
        WHEN s.trialing > 0 THEN 'trialing'
        WHEN s.ever > 0 THEN 'churned'
        ELSE 'never'
    END AS status, -- By its subscriptions, whatever they bring in; never: nothing, or trials alone
    CASE
        WHEN COALESCE(w.without_rate, 0) = 0 THEN CAST(COALESCE(w.mrr, 0) AS DECIMAL(38, 8))
    END AS mrr_converted, -- In the reporting currency; null where some of it has no rate
    CASE
        WHEN COALESCE(b.without_rate, 0) = 0 THEN CAST(COALESCE(b.paid, 0) AS DECIMAL(38, 8))
    END AS paid_converted, -- On invoices, ever; null where some of it has no rate
    CASE
        WHEN COALESCE(b.without_rate, 0) = 0 THEN CAST(COALESCE(b.outstanding, 0) AS DECIMAL(38, 8))
    END AS outstanding_converted, -- Left on open invoices; null where some of it has no rate
    COALESCE(b.invoices, 0) AS invoices, -- Finalized and not void
    b.last_paid_at, -- When an invoice was last paid
    c.delinquent
FROM customers AS c
LEFT JOIN subscribed AS s ON s.account_id = c.account_id AND s.customer_id = c.customer_id
LEFT JOIN worth AS w ON w.account_id = c.account_id AND w.customer_id = c.customer_id
LEFT JOIN billed_converted AS b ON b.account_id = c.account_id AND b.customer_id = c.customer_id
