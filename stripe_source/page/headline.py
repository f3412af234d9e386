"""The headline figures, and what is meant by them."""

from stripe_source.page.figures import Now
from stripe_source.page.markup import Html, tag
from stripe_source.page.wording import counted, money, percent

MEANINGS = {
    "MRR": "Monthly recurring revenue: what all active and past-due subscriptions bring in a "
    "month, less their lasting discounts, without taxes, trials and metered usage.",
    "ARR": "Annual recurring revenue: MRR of twelve months.",
    "Active subscribers": "Customers with MRR above 0, each counted once.",
    "ARPU": "Average revenue per user: MRR / active subscribers, of those whose currency has an "
    "exchange rate.",
    "LTV": "Lifetime value: ARPU / subscriber churn rate of 30 days.",
    "Subscriber churn, 30 days": "Subscribers who left in the last 30 days / (subscribers 30 "
    "days ago + those who are new since).",
    "Net MRR churn, 30 days": "MRR lost to churn and contraction, less expansion and "
    "reactivation, in the last 30 days / MRR 30 days ago. Below 0, the MRR that was there has "
    "grown.",
    "Trial conversion, 30 days": "Of the trials that ended in the last 30 days, those that became "
    "paying subscriptions.",
}


def headline(now: Now) -> Html:
    """The figures as cards, and their meanings to be unfolded."""
    figures = {
        "MRR": money(now.mrr, now.currency),
        "ARR": money(now.arr, now.currency),
        "Active subscribers": f"{now.active_subscribers:,}",
        "ARPU": money(now.arpu, now.currency),
        "LTV": money(now.ltv, now.currency),
        "Subscriber churn, 30 days": percent(now.subscriber_churn_rate_30d),
        "Net MRR churn, 30 days": percent(now.net_mrr_churn_rate_30d),
        "Trial conversion, 30 days": percent(now.trial_conversion_rate_30d),
    }
    beside = {
        "Trial conversion, 30 days": f"{now.trials_converted_30d:,} of "
        f"{counted(now.trials_ended_30d, 'trial')} that ended"
    }
    if now.currencies_without_rate:
        number = counted(now.currencies_without_rate, "currency", "currencies")
        beside["MRR"] = f"without {number} that no exchange rate is known of"
    cards = [
        tag(
            "div",
            tag("dt", name),
            tag("dd", value, tag("small", beside[name]) if name in beside else None),
            title=MEANINGS[name],
        )
        for name, value in figures.items()
    ]
    meanings = [
        part for name, said in MEANINGS.items() for part in (tag("dt", name), tag("dd", said))
    ]
    return tag(
        "section",
        tag("h2", "Now", class_="hidden"),
        tag("dl", *cards, class_="cards"),
        tag(
            "details",
            tag("summary", "What these figures mean"),
            tag("p", "The definitions are those of Stripe's billing glossary."),
            tag("dl", *meanings, class_="meanings"),
        ),
    )
