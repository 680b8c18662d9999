import subprocess
import sys

import meloformer.engine


def test_every_name_of_the_engine_is_there():
    for name in meloformer.engine.__all__:
        assert callable(getattr(meloformer.engine, name))


def test_the_engine_and_its_requests_are_imported_without_torch():
    program = """
import sys
import meloformer.engine
meloformer.engine.ContinueRequest(num_bars=2)
sys.exit("torch" in sys.modules)
"""
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
