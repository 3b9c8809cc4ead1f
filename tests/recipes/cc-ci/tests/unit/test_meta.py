"""What recipes say of themselves."""

import pytest
from harness import enrolled, meta


@pytest.mark.parametrize("recipe", enrolled.RECIPES)
def test_settings_are_known(recipe):
    settings = meta.load(recipe)
    assert vars(settings).keys() == meta.DEFAULTS.keys()


def test_unknown_setting_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(meta, "TESTS", tmp_path)
    (tmp_path / "ghost").mkdir()
    (tmp_path / "ghost" / "recipe_meta.py").write_text("helper = 1\nWARM_CANONICL = True\n")
    with pytest.raises(meta.MetaError, match="unknown WARM_CANONICL"):
        meta.load("ghost")


def test_probe_of_mumble():
    settings = meta.load("mumble")
    ctx = meta.Context(domain="mumble.example.org", meta=settings)
    probe = settings.READY_PROBE(ctx)
    assert probe["tcp_host"] == "mumble.example.org"
    assert probe["tcp_port"] == 64738
    assert probe["stable"] == 3
