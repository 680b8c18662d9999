import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_training import songs_zip  # noqa: F401
