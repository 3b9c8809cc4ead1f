"""Whatever is wrong is one clear error: a place, a next step, the right code, nothing written."""

from __future__ import annotations

import os

import pytest
from cli_tools import ROOT, content

FIX = ROOT / "fixes" / "mattermost.yml"


def spec(*ops: str, **more: str) -> str:
    head = {"id": "x", "title": "X", "recipe": "mattermost-lts", "why": "To see."} | more
    return "".join(f"{k}: {v}\n" for k, v in head.items()) + "ops:\n" + "".join(ops)


@pytest.fixture
def refused(patchkit, recipe, tmp_path):
    """Apply a spec and see that it is refused with nothing written; return the message."""

    def check(text: str | None, code: int) -> str:
        file = FIX
        if text is not None:
            file = tmp_path / "x.yml"
            file.write_text(text)
        before = content(recipe)
        result = patchkit("apply", file, "--in", recipe)
        assert result.code == code, result.err
        assert result.out == ""
        assert "Traceback" not in result.err
        assert content(recipe) == before
        assert not list(recipe.rglob(".patchkit*"))
        return result.err

    return check


def test_broken_yaml_in_the_recipe(refused, recipe):
    text = (recipe / "compose.smtp.yml").read_text()
    (recipe / "compose.smtp.yml").write_text(text + "services: {\n")
    message = refused(None, 3)
    assert f"compose.smtp.yml:{text.count(chr(10)) + 2}:1" in message
    assert "not valid YAML" in message


def test_all_errors_of_a_spec_at_once(refused):
    message = refused(
        spec(
            "  - {op: labels.sett, service: app}\n",
            "  - {op: labels.set, service: app, labels: {a: b}, file_: x}\n",
            "  - {op: image.set, service: 7, tag: x}\n",
            titel="Y",
        ),
        2,
    )
    assert "x.yml:5:1: error:" in message
    assert 'did you mean "title"' in message
    assert "x.yml:7:10" in message
    assert "labels.set" in message
    assert "x.yml:8:" in message
    assert "x.yml:9:" in message
    assert message.count(": error:") == 4
    assert message.count("^") >= 4


def test_missing_template(refused):
    message = refused(spec("  - {op: file.add, path: a, template: pg_backup.j2}\n"), 2)
    assert "x.yml:6:" in message
    assert "pg_backup.sh.j2" in message


def test_template_with_an_undefined_name(refused, tmp_path):
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "a.j2").write_text("one\n{{ databse }}\n")
    message = refused(spec("  - {op: file.add, path: a, template: a.j2}\n"), 2)
    assert "a.j2:2" in message
    assert "databse" in message


def test_recipe_folder_that_does_not_exist(patchkit, tmp_path):
    result = patchkit("apply", FIX, "--in", tmp_path / "nowhere")
    assert result.code == 2
    assert "nowhere" in result.err
    assert not (tmp_path / "nowhere").exists()


def test_recipe_folder_that_is_a_file(patchkit, recipe):
    result = patchkit("apply", FIX, "--in", recipe / "compose.yml")
    assert result.code == 2
    assert "compose.yml" in result.err


def test_fix_that_does_not_exist(patchkit):
    result = patchkit("apply", "fixes/mattermots.yml")
    assert result.code == 2
    assert "did you mean mattermost" in result.err


def test_recipe_without_a_sample(patchkit, tmp_path):
    (tmp_path / "x.yml").write_text(spec("  - {op: file.remove, path: a}\n", recipe="wordpress"))
    result = patchkit("apply", "x.yml")
    assert result.code == 2
    assert "--in path/to/wordpress" in result.err


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give up its rights and take them back")
def test_read_only_folder_as_another_user(refused, recipe, tmp_path):
    for path in (tmp_path, *tmp_path.parents):
        if path.owner() == "root" and "pytest" in str(path):
            path.chmod(0o755)
    recipe.chmod(0o555)
    os.seteuid(65534)
    try:
        message = refused(None, 3)
    finally:
        os.seteuid(0)
    assert str(recipe) in message


def test_file_that_is_not_utf8(refused, recipe):
    text = (recipe / "compose.yml").read_bytes()
    lines = text.count(b"\n")
    (recipe / "compose.yml").write_bytes(text + b"# caf\xe9\n")
    message = refused(None, 3)
    assert f"compose.yml:{lines + 1}" in message
    assert "UTF-8" in message


def test_compose_file_of_50_megabytes(refused, recipe):
    with (recipe / "compose.huge.yml").open("w") as file:
        file.write("services:\n")
        file.writelines(f"  s{i}: {{image: {'x' * 1000}}}\n" for i in range(50_000))
    message = refused(None, 3)
    assert "compose.huge.yml" in message
    assert "50988900 bytes" in message


def test_alias_bomb(refused, recipe):
    lines = ["x-0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]"]
    lines += [f"x-{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 12)]
    (recipe / "compose.bomb.yml").write_text("\n".join(lines) + "\n")
    message = refused(None, 3)
    assert "compose.bomb.yml:" in message
    assert "aliases" in message


def test_alias_within_its_own_anchor(refused, recipe):
    (recipe / "compose.loop.yml").write_text("services: &s\n  a: *s\n")
    message = refused(None, 3)
    assert "compose.loop.yml:2:6" in message


@pytest.mark.parametrize("path", ["../outside", "/etc/outside", "a/../../outside", ".git/config"])
def test_path_that_leaves_the_recipe(refused, path):
    message = refused(spec(f"  - {{op: file.add, path: {path}, text: x}}\n"), 3)
    assert path in message


def test_link_out_of_the_recipe(refused, recipe, tmp_path):
    outside = tmp_path / "outside.sh"
    outside.write_text("export A=v1\n")
    (recipe / "abra.sh").unlink()
    (recipe / "abra.sh").symlink_to("../outside.sh")
    message = refused(None, 3)
    assert "abra.sh" in message
    assert outside.read_text() == "export A=v1\n"


def test_config_file_behind_a_folder_link(refused, recipe, tmp_path):
    (tmp_path / "outside").mkdir()
    (recipe / "conf").symlink_to(tmp_path / "outside")
    message = refused(spec("  - {op: file.add, path: conf/a, text: x}\n"), 3)
    assert "conf" in message
    assert list((tmp_path / "outside").iterdir()) == []


def test_file_that_changed_while_it_was_rendered(patchkit, recipe, monkeypatch):
    from patchkit.cli import job

    real = job.render

    def render_then_edit(fix, tree, params):
        patch = real(fix, tree, params)
        (recipe / "abra.sh").write_text("export MINE=v1\n")
        return patch

    monkeypatch.setattr(job, "render", render_then_edit)
    result = patchkit("apply", FIX, "--in", recipe)
    assert result.code == 3
    assert "abra.sh" in result.err
    assert (recipe / "abra.sh").read_text() == "export MINE=v1\n"


def test_bug_is_told_as_one(patchkit, recipe, monkeypatch):
    from patchkit.cli import job

    def broken(*_):
        raise ZeroDivisionError

    monkeypatch.setattr(job, "render", broken)
    result = patchkit("diff", FIX, "--in", recipe)
    assert result.code == 70
    assert "This is a bug in patchkit" in result.err


def test_interrupt_is_told_as_one(patchkit, recipe, monkeypatch):
    from patchkit.cli import job

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(job, "render", interrupted)
    assert patchkit("diff", FIX, "--in", recipe).code == 130
