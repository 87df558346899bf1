"""Prints what an account or a site has left.

It reads WIX_API_KEY, WIX_ACCOUNT_ID or WIX_SITE_ID, and AICREDITS_BASE_URL for another server than Wix's.
"""

import sys

import aicredits

try:
    with aicredits.Client.from_env() as client:
        # The balance as text. Its attributes have the figures.
        print(client.get_balance())
except aicredits.AiCreditsError as error:
    sys.exit(f"balance: {error}")
