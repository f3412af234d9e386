-- Trials that are running, when they end, and whether there is anything to charge then.
--
-- Those that are set to end with the trial are left out. There is a payment method where the subscription or its customer has one, and none is needed for
-- a subscription whose invoices are sent.
--
-- grain: a running trial
-- key: subscription_id
-- refers: subscription_id -> subscriptions.subscription_id
-- refers: customer_id -> customers.customer_id

SELECT
    t.account_id,
    t.subscription_id,
    t.customer_id,
    c.name AS customer_name,
    c.email AS customer_email,
    t.trial_start_at,
    t.trial_end_at,
    DATE_DIFF('day', day_of($now), day_of(t.trial_end_at)) AS days_left, -- Until the day on which it ends, in the time zone
    s.default_payment_method IS NOT NULL
    OR s.default_source IS NOT NULL
    OR c.default_payment_method_id IS NOT NULL
    OR c.default_source_id IS NOT NULL
    OR s.collection_method = 'send_invoice' AS can_be_charged -- Whether there is a payment method, or none is needed
FROM trials AS t
INNER JOIN raw.subscriptions AS s ON s._account_id = t.account_id AND s.id = t.subscription_id
LEFT JOIN customers AS c ON c.account_id = t.account_id AND c.customer_id = t.customer_id
WHERE t.outcome = 'running'
    AND s.status = 'trialing'
    AND NOT s.cancel_at_period_end
    AND (s.cancel_at IS NULL OR s.cancel_at > t.trial_end_at)
