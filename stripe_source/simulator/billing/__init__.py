"""The rules of money: what Stripe Billing and Payments do when something is asked or falls due.

Plain functions over an account at its present time. A request, a task of the timeline and the
made-up business all go through the same ones.
"""
