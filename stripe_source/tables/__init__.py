"""Raw JSON in, typed Arrow tables out, without a Python loop over rows."""
