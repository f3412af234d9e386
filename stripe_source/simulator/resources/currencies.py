"""The currencies that Stripe supports (https://docs.stripe.com/currencies)."""

from __future__ import annotations

from stripe_source.simulator.api.errors import ApiError

CURRENCIES = (
    "usd aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bhd bif bmd bnd bob brl bsd bwp "
    "byn bzd cad cdf chf clp cny cop crc cve czk djf dkk dop dzd egp etb eur fjd fkp gbp gel gip "
    "gmd gnf gtq gyd hkd hnl hrk htg huf idr ils inr isk jmd jod jpy kes kgs khr kmf krw kwd kyd "
    "kzt lak lbp lkr lrd lsl mad mdl mga mkd mmk mnt mop mur mvr mwk mxn myr mzn nad ngn nio nok "
    "npr nzd omr pab pen pgk php pkr pln pyg qar ron rsd rub rwf sar sbd scr sek sgd shp sle sos "
    "srd std szl thb tjs tnd top try ttd twd tzs uah ugx uyu uzs vnd vuv wst xaf xcd xof xpf yer "
    "zar zmw"
).split()


def currency(name: str, text: str) -> str:
    """A currency as Stripe writes it; ``name`` is the parameter."""
    code = text.lower()
    if code not in CURRENCIES:
        raise ApiError(
            400,
            f"Invalid currency: {code}. Stripe currently supports these currencies: "
            f"{', '.join(CURRENCIES)}",
            param=name,
        )
    return code
