"""Laws of versions and ranges, for all that the generators can think of."""

import re

import pytest
import semver as semver_oracle
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet
from packaging.version import Version as PythonVersion

from updater import versioning

law = settings(max_examples=30, deadline=None)

numbers = st.sampled_from([0, 1, 2, 3, 4, 9, 10])
parts = st.lists(numbers, min_size=1, max_size=3).map(lambda each: ".".join(map(str, each)))
releases = st.builds("{}.{}.{}".format, numbers, numbers, numbers)
identifiers = st.one_of(numbers.map(str), st.sampled_from(["alpha", "beta", "rc", "x-1", "0a"]))
prereleases = st.lists(identifiers, min_size=1, max_size=3).map(lambda each: "-" + ".".join(each))
semantic = st.builds("{}{}".format, releases, st.one_of(st.just(""), prereleases, st.just("+build.1")))

tags = st.builds(
    "{}{}{}{}".format,
    st.sampled_from(["", "v", "release-", "RELEASE."]),
    st.one_of(parts, st.dates().map(str), st.dates().map("{:%Y%m%d}".format), st.dates().map("{:%Y.%m}".format)),
    st.sampled_from(["", "rc0", "-rc.1", "-beta-2", "-alpha", "-dev", "-nightly", "-M3"]),
    st.sampled_from(["", "-alpine", "-alpine3.18", "-alpine3.9", "-debian-12-r1", "-debian-12-r10", "-jdk17", "_8"]),
)
api_versions = st.builds(
    "{}v{}{}".format,
    st.sampled_from(["", "apps/", "cert-manager.io/"]),
    numbers,
    st.sampled_from(["", "alpha1", "alpha2", "beta1"]),
)
python_versions = st.builds("{}{}".format, parts, st.sampled_from(["", "a1", "rc2", ".post1", ".dev3", "+local"]))
maven_qualifiers = st.sampled_from(["", "-alpha-1", "-rc2", "-SNAPSHOT", ".Final", "-1", "-jre", ".v75cb_b_f1b_698d"])
maven_versions = st.builds("{}{}{}".format, parts, maven_qualifiers, maven_qualifiers)
calendar_versions = st.builds(
    "{}{}{}{}".format,
    st.sampled_from(["", "v"]),
    st.one_of(st.dates().map(str), *(st.dates().map(form.format) for form in ("{:%Y%m%d}", "{:%Y.%m}", "{:%y.%m}"))),
    st.sampled_from(["", ".0", ".12"]),
    st.sampled_from(["", "b1", "-rc.2", "-alpine"]),
).filter(versioning.get("calver").is_valid)
VERSIONS: dict[str, st.SearchStrategy[str]] = {
    "calver": calendar_versions,
    "debian": st.builds(
        "{}{}{}".format,
        st.sampled_from(["bullseye", "bookworm", "trixie", "forky", "11", "12", "12.5", "12.10"]),
        st.sampled_from(["", "-20241016", "-20241016.1"]),
        st.sampled_from(["", "-slim"]),
    ),
    "docker": tags,
    "github-actions": st.builds(
        "{}{}{}".format, st.sampled_from(["", "v", "setup/v"]), parts, st.sampled_from(["", "-beta"])
    ),
    "hashicorp": semantic,
    "helm": semantic,
    "kubernetes-api": api_versions,
    "loose": st.builds("{}{}".format, parts, st.sampled_from(["", "-b1", "-b10", ".Final", "-rc1", "-1"])),
    "maven": maven_versions,
    "npm": semantic,
    "pep440": python_versions,
    "semver": semantic,
    "semver-coerced": tags,
    "same-major": tags,
    "semver-partial": semantic,
    "ubuntu": st.builds(
        "{}{}".format,
        st.sampled_from(["focal", "jammy", "mantic", "noble", "22.04", "23.10", "24.04", "24.04.1"]),
        st.sampled_from(["", "-20241016"]),
    ),
}

npm_clauses = st.builds("{}{}".format, st.sampled_from(["^", "~", "", ">=", "< ", "<="]), st.one_of(releases, parts))
npm_ranges = st.one_of(
    npm_clauses,
    st.builds(">={} <{}".format, releases, releases),
    st.builds("{} - {}".format, releases, releases),
    st.builds("{} || {}".format, npm_clauses, npm_clauses),
    st.builds("{}.x".format, numbers),
    st.builds("^{}{}".format, releases, prereleases),
    st.just("*"),
)
hashicorp_ranges = st.one_of(
    st.builds("{}{}{}".format, st.sampled_from(["~>", ">=", "<", "<=", "=", ""]), st.sampled_from(["", " "]), parts),
    st.builds(">= {}, < {}".format, parts, parts),
    st.builds("~> {}, != {}".format, parts, releases),
)
python_ranges = st.one_of(
    st.builds("{}{}".format, st.sampled_from(["~=", ">=", "<", "<=", "==", ""]), parts),
    st.builds(">={},<{}".format, parts, parts),
    st.builds("=={}.*".format, parts),
)
RANGES: dict[str, st.SearchStrategy[str]] = {
    "hashicorp": hashicorp_ranges,
    "helm": npm_ranges,
    "npm": npm_ranges,
    "pep440": python_ranges,
    "semver-partial": st.one_of(parts, st.builds("v{}.{}".format, numbers, numbers), semantic, st.just("~latest")),
}

every_scheme = pytest.mark.parametrize("name", VERSIONS)
every_scheme_with_ranges = pytest.mark.parametrize("name", RANGES)


def draw_range(name: str, data: st.DataObject) -> str:
    return data.draw(RANGES[name].filter(versioning.get(name).is_valid), label="range")


def draw_version(name: str, data: st.DataObject) -> str:
    return data.draw(VERSIONS[name], label="version")


@every_scheme
@law
@given(data=st.data())
def test_of_any_two_versions_one_is_lower_or_they_are_equal(name: str, data: st.DataObject) -> None:
    """Keys compare across families, too, and in one way only."""
    key = versioning.get(name).key
    one, other = key(draw_version(name, data)), key(draw_version(name, data))
    assert [one < other, one == other, one > other].count(True) == 1


@every_scheme
@law
@given(data=st.data())
def test_lists_are_read_as_single_texts_are(name: str, data: st.DataObject) -> None:
    """The core's way to read a whole list agrees with the questions that are asked about one text."""
    scheme, text = versioning.get(name), data.draw(st.one_of(VERSIONS[name], RANGES.get(name, VERSIONS[name])))
    version = scheme.single(text)
    if version is not None:
        assert (version.key, version.components) == (scheme.key(text), scheme.components(text))
        assert version.stable is scheme.is_stable(text)
    assert (version is not None) is scheme.is_single(text) or name == "same-major"


@every_scheme
@law
@given(data=st.data())
def test_what_is_stable_is_valid(name: str, data: st.DataObject) -> None:
    """A stable version is a version, names itself alone, and equals itself."""
    scheme, version = versioning.get(name), draw_version(name, data)
    if scheme.is_stable(version):
        assert scheme.is_valid(version)
        assert scheme.matches(version, version) or name in RANGES
        assert scheme.read(version) == scheme.single(version)


@pytest.mark.parametrize("name", ["semver", "npm", "helm", "hashicorp"])
@law
@given(one=semantic, other=semantic)
def test_precedence_is_that_of_semantic_versioning(name: str, one: str, other: str) -> None:
    """Keys compare as the reference implementation of semver.org's rules does."""
    key, compared = versioning.get(name).key, semver_oracle.Version.parse(one).compare(other)
    assert (key(one) > key(other)) - (key(one) < key(other)) == compared


@law
@given(one=python_versions, other=python_versions)
def test_precedence_is_that_of_python(one: str, other: str) -> None:
    """Keys compare as the versions of ``packaging`` do."""
    key = versioning.get("pep440").key
    assert (key(one) < key(other)) is (PythonVersion(one) < PythonVersion(other))


@law
@given(range_=python_ranges, version=python_versions)
def test_specifiers_admit_what_packaging_says(range_: str, version: str) -> None:
    """For final versions, a specifier means what it means to pip."""
    scheme = versioning.get("pep440")
    if scheme.is_valid(range_) and not range_[0].isdigit() and scheme.is_stable(version):
        assert scheme.matches(version, range_) is SpecifierSet(range_).contains(version)


@pytest.mark.parametrize(
    ("name", "short", "long"),
    [
        ("npm", "~{0}.{1}.{2}", ">={0}.{1}.{2} <{0}.{next1}.0-0"),
        ("npm", "{0}.{1}.x", ">={0}.{1}.0 <{0}.{next1}.0-0"),
        ("npm", "^{next0}.{1}.{2}", ">={next0}.{1}.{2} <{nextnext0}.0.0-0"),
        ("npm", "^0.{next1}.{2}", ">=0.{next1}.{2} <0.{nextnext1}.0-0"),
        ("npm", "{0}.{1} - {next0}", ">={0}.{1}.0 <{nextnext0}.0.0-0"),
        ("npm", "{0} || {2}", "{0}.x||{2}.x"),
        ("helm", ">={0}.{1}.{2}, <{nextnext0}", ">={0}.{1}.{2} <{nextnext0}.0.0"),
        ("hashicorp", "~> {0}.{1}.{2}", ">= {0}.{1}.{2}, < {0}.{next1}.0"),
        ("hashicorp", "~> {0}.{1}", ">= {0}.{1}, < {next0}"),
        ("hashicorp", "~> {0}", ">= {0}, < {next0}"),
    ],
)
@law
@given(major=numbers, minor=numbers, patch=numbers, version=releases)
def test_short_forms_mean_their_long_forms(
    name: str, short: str, long: str, major: int, minor: int, patch: int, version: str
) -> None:
    """Each operator admits exactly the versions between the bounds that it stands for."""
    names = {"next0": major + 1, "nextnext0": major + 2, "next1": minor + 1, "nextnext1": minor + 2}
    short, long = (text.format(major, minor, patch, **names) for text in (short, long))
    scheme = versioning.get(name)
    assert scheme.matches(version, short) is scheme.matches(version, long)


@every_scheme_with_ranges
@law
@given(data=st.data(), strategy=st.sampled_from(["pin", "bump", "replace", "widen"]))
def test_what_is_written_admits_the_new_version(name: str, data: st.DataObject, strategy: str) -> None:
    """A new value is valid, differs from the old one, and lets in what it was made for."""
    scheme, range_, version = versioning.get(name), draw_range(name, data), draw_version(name, data)
    written = scheme.new_value(range_, None, version, strategy)
    if written is not None:
        assert written != range_
        assert scheme.is_valid(written)
        assert scheme.matches(version, written)


@every_scheme_with_ranges
@law
@given(data=st.data(), strategy=st.sampled_from(["replace", "widen"]))
def test_a_range_that_admits_the_version_stays(name: str, data: st.DataObject, strategy: str) -> None:
    """Only what shuts the new version out is changed."""
    scheme, range_, version = versioning.get(name), draw_range(name, data), draw_version(name, data)
    if scheme.matches(version, range_) and not scheme.is_single(range_):
        assert scheme.new_value(range_, None, version, strategy) is None


@every_scheme_with_ranges
@law
@given(data=st.data())
def test_ranges_have_no_holes(name: str, data: st.DataObject) -> None:
    """Without alternatives and exclusions, whatever lies between two versions of a range is in it."""
    scheme, range_ = versioning.get(name), draw_range(name, data)
    found = data.draw(st.lists(VERSIONS[name], min_size=3, max_size=8), label="versions")
    admits = [scheme.matches(each, range_) for each in sorted(filter(scheme.is_stable, found), key=scheme.key)]
    if not any(mark in range_ for mark in ("||", "!=")):
        first, last = (order.index(True) if True in order else 0 for order in (admits, admits[::-1]))
        assert all(admits[first : len(admits) - last]) or True not in admits


@every_scheme_with_ranges
@law
@given(data=st.data())
def test_widening_loses_nothing(name: str, data: st.DataObject) -> None:
    """What a range admitted, the widened range admits."""
    scheme, range_, version = versioning.get(name), draw_range(name, data), draw_version(name, data)
    written = scheme.new_value(range_, None, version, "widen")
    others = data.draw(st.lists(VERSIONS[name], max_size=10))
    if written is not None and not scheme.is_single(range_):
        assert all(scheme.matches(other, written) for other in others if scheme.matches(other, range_))


@every_scheme_with_ranges
@law
@given(data=st.data())
def test_bumping_only_raises(name: str, data: st.DataObject) -> None:
    """Below the new version, the bumped range admits nothing that the range did not admit."""
    scheme, range_, version = versioning.get(name), draw_range(name, data), draw_version(name, data)
    written = scheme.new_value(range_, None, version, "bump")
    others = data.draw(st.lists(VERSIONS[name], max_size=10))
    lower = [other for other in others if scheme.is_stable(other) and scheme.key(other) < scheme.key(version)]
    if written is not None and scheme.matches(version, range_):
        assert all(scheme.matches(other, range_) for other in lower if scheme.matches(other, written))


@pytest.mark.parametrize(
    ("name", "strategy"), [(name, strategy) for name in RANGES for strategy in ("bump", "replace")]
)
@law
@given(data=st.data())
def test_the_style_of_the_user_stays(name: str, strategy: str, data: st.DataObject) -> None:
    """Between the versions of a range, no character changes; alternatives are at most added."""
    range_, version = draw_range(name, data), draw_version(name, data)
    written = versioning.get(name).new_value(range_, None, version, strategy)
    if written is not None:
        assert _without_versions(written).startswith(_without_versions(range_))
        assert written.count("||") == range_.count("||") or "||" in range_


@law
@given(tag=tags, other=tags)
def test_following_tags_look_alike(tag: str, other: str) -> None:
    """With all numbers and prereleases taken out, a tag that follows another reads as that one does."""
    if versioning.get("docker").is_compatible(other, tag):
        assert _without_counts(other) == _without_counts(tag)


def _without_versions(text: str) -> str:
    return re.sub(r"[0-9][0-9A-Za-z.+*-]*", "#", text)


def _without_counts(text: str) -> str:
    return re.sub(
        r"[0-9]+", "#", re.sub(r"-?(?:(?:rc|beta|alpha|M|dev|nightly)[._-]?[0-9]+|alpha)(?=[-_]|$)", "", text)
    )
