#!/usr/bin/env python3
"""Runs real jobs through a real hub, exports them as FOCUS 1.2, and has the specification's own validator (focus-validator, PyPI) look at it.

    tools/focus.py SHUGU [FOLDER]      FOLDER keeps the validator between runs; target/tools/focus if left out

The validator needs Python 3.12. It ends well even where rules fail, so its report is read here. One pair of rules of its model 1.2.0.1
contradicts itself (InvoiceId-C-004-C: must be null; InvoiceId-C-005-C: must not be null; both without a condition), so no file passes
both; the rule above them, InvoiceId-C-003-C, decides. That one is told, and nothing else may fail.
"""
import csv
import decimal
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

HERE = pathlib.Path(__file__).resolve().parent
CRITERIA = """ACCOUNT_NAMING_SUPPORTED AVAILABILITY_ZONE_SUPPORTED SUB_ACCOUNT_SUPPORTED REGION_SUPPORTED TAGGING_SUPPORTED
USAGE_MEASUREMENT_SUPPORTED UNIT_PRICING_SUPPORTED PUBLIC_PRICE_LIST_SUPPORTED NEGOTIATED_PRICING_SUPPORTED
BILLING_BASED_ON_PROVISIONED_RESOURCES_SUPPORTED RESOURCE_TYPE_ASSIGNMENT_SUPPORTED MULTIPLE_SUB_ACCOUNT_TYPES_SUPPORTED
MULTIPLE_BILLING_ACCOUNT_TYPES_SUPPORTED MULTIPLE_PRICING_CATEGORIES_SUPPORTED PRICING_BILLING_CURRENCY_DIFFERENCES_SUPPORTED""".split()
CONTRADICTION = "InvoiceId-C-004-C"
MUST_PASS = ["InvoiceId-C-000-O", "InvoiceId-C-003-C", "InvoiceId-C-005-C", "BilledCost-C-000-M", "Tags-C-000-C"]

CENSUS = {
    "hub.toml": 'name = "Sample hub"\nregion = "guizhou"\ncurrency = "CNY"\nutc_offset_hours = 8\nfee_permille = 20\n',
    "providers.csv": "id,name,name_zh,kind,provides,source,note\nlocal,Local,unknown,named,computing,sample,\n",
    "tariffs.csv": "id,kind,scope,valid_from,valid_to,hours,price,unit,grade,source,note\n"
    "core,compute,provider:local,2020-01-01,,,360,yuan/core-hour,sample,sample,\n"
    "energy,electricity,guizhou,2020-01-01,,,0.5,yuan/kWh,sample,sample,\n"
    "carbon,carbon,guizhou,2020-01-01,,,0.4989,kg/kWh,sample,sample,\n",
    "conditions.csv": "id,provider,tenant,valid_from,valid_to,currency,minimum_minutes,minimum_yuan,idle_permille,kept_permille,"
    "discount_permille,fee_permille,source,note\nlab,local,llm-lab,2020-01-01,,CNY,,7,250,0,100,50,sample,\n",
}


def python312() -> str:
    found = [sys.executable, shutil.which("python3.12"), shutil.which("python3.13")]
    roots = [os.environ.get("PYENV_ROOT"), str(pathlib.Path.home() / ".pyenv"), "/root/.pyenv", "/opt/pyenv"]
    found += [str(path) for root in roots if root for path in sorted(pathlib.Path(root).glob("versions/3.12*/bin/python3"))]
    for path in filter(None, found):
        told = subprocess.run([path, "-c", "import sys; print(sys.version_info[:2])"], capture_output=True, text=True)
        if told.returncode == 0 and told.stdout.strip() == "(3, 12)":
            return path
    print("SKIPPED: the FOCUS validator needs Python 3.12, and none is found here", file=sys.stderr)
    sys.exit(0)


def validator(folder: pathlib.Path) -> pathlib.Path:
    """The validator in an environment of its own, and the folder that it must run in: it looks for its currencies there."""
    done = folder / "done"
    if not done.exists():
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([python312(), "-m", "venv", str(folder / "venv")], check=True)
        pip = [str(folder / "venv/bin/pip"), "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run(pip + ["--requirement", str(HERE / "focus-requirements.txt")], check=True)
        rules = next((folder / "venv/lib").glob("python3.*")) / "site-packages/focus_validator/rules/currency_codes.csv"
        work = folder / "work/focus_validator/rules"
        work.mkdir(parents=True)
        shutil.copy(rules, work)
        done.touch()
    return folder


def make(shugu: str, folder: pathlib.Path) -> pathlib.Path:
    """An export of jobs of an organisation and its project, with a discount, a minimum, a credit and a correction."""
    census = folder / "census"
    census.mkdir()
    for name, text in CENSUS.items():
        (census / name).write_text(text)
    environment = {**os.environ, "SHUGU_DIR": str(folder / "hub"), "HOME": str(folder), "SHUGU_CONFIG": "/dev/null"}
    hub = subprocess.Popen(
        [shugu, "up", "--listen", "127.0.0.1:0", "--census", str(census)], env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert hub.stdout.readline().startswith("ready "), "the hub did not start"

        def say(*arguments: str) -> dict:
            told = subprocess.run([shugu, *arguments, "--json"], env=environment, capture_output=True, text=True)
            if told.returncode:
                sys.exit(f"{arguments}: {told.stderr}")
            return json.loads(told.stdout)

        say("tenant", "llm-lab", "--weight", "1")
        say("tenant", "team-a", "--parent", "llm-lab")
        say("credit", "team-a", "--amount", "0.01", "--reason", "a sample programme")
        for tenant in ["llm-lab", "team-a", "team-a"]:
            command = [shugu, "submit", "--tenant", tenant, "--name", "训练 \"v2\", run", "--cpus", "0.5", "--", "sleep", "1.2"]
            told = subprocess.run(command, env=environment, capture_output=True, text=True)
            assert told.returncode == 0, told.stderr
            job = told.stdout.strip()
            subprocess.run([shugu, "wait", job], env=environment, check=True, capture_output=True)
        dispute = say("dispute", "open", job, "--reason", "sample")
        say("dispute", "settle", str(dispute["id"]), "--finding", "sample", "--price", "0.05")
        out = folder / "focus.csv"
        subprocess.run([shugu, "export", "focus", "--out", str(out)], env=environment, check=True, capture_output=True)
        paid = say("statement", "--all")["paid_yuan"]
        billed = sum(decimal.Decimal(row["BilledCost"]) for row in csv.DictReader(out.open(encoding="utf-8")))
        credits = sum(decimal.Decimal(row["BilledCost"]) for row in csv.DictReader(out.open(encoding="utf-8")) if row["ChargeCategory"] == "Credit")
        assert billed - credits == decimal.Decimal(str(paid)), f"{billed} billed with {credits} credits, {paid} paid"
        return out
    finally:
        hub.send_signal(signal.SIGTERM)
        hub.wait(30)


def strict(path: pathlib.Path) -> list[str]:
    """What the validator does not look at row by row."""
    wrong = []
    categories = {"Usage": "Usage-Based", "Adjustment": "One-Time", "Credit": "One-Time"}
    for line, row in enumerate(csv.DictReader(path.open(encoding="utf-8")), 2):
        if categories.get(row["ChargeCategory"]) != row["ChargeFrequency"]:
            wrong.append(f"line {line}: {row['ChargeCategory']} is {row['ChargeFrequency']}")
        if row["ChargePeriodStart"] >= row["ChargePeriodEnd"] or not row["ChargePeriodEnd"].endswith("Z"):
            wrong.append(f"line {line}: a period of {row['ChargePeriodStart']} to {row['ChargePeriodEnd']}")
        if not all(isinstance(value, (str, int, float)) for value in json.loads(row["Tags"]).values()):
            wrong.append(f"line {line}: tags are nested")
        if row["ChargeCategory"] == "Usage":
            quantity, price, cost = (decimal.Decimal(row[name]) for name in ["PricingQuantity", "ListUnitPrice", "ListCost"])
            if abs(quantity * price - cost) > decimal.Decimal("0.000002"):
                wrong.append(f"line {line}: {quantity} at {price} are not {cost}")
    return wrong


def main() -> None:
    shugu = str(pathlib.Path(sys.argv[1]).resolve())
    folder = validator(pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else HERE.parent / "target/tools/focus").resolve())
    with tempfile.TemporaryDirectory(prefix="shugu-focus-") as temporary:
        export = make(shugu, pathlib.Path(temporary))
        wrong = strict(export)
        report = pathlib.Path(temporary) / "report.xml"
        command = [str(folder / "venv/bin/focus-validator"), "--data-file", str(export), "--validate-version", "1.2", "--block-download"]
        command += ["--applicability-criteria", ",".join(CRITERIA), "--output-type", "unittest", "--output-destination", str(report)]
        told = subprocess.run(command, cwd=folder / "work", capture_output=True, text=True)
        if told.returncode or not report.exists():
            sys.exit(f"the validator did not end well:\n{told.stdout[-2000:]}{told.stderr[-2000:]}")
        states: dict[str, str] = {}
        for case in xml.etree.ElementTree.parse(report).iter("testcase"):
            child = next(iter(case), None)
            states[case.get("name").split(" :: ")[0]] = "passed" if child is None else child.tag
        failed = [rule for rule, state in states.items() if state in ("failure", "error") and rule != CONTRADICTION]
        failed += [f"{rule} is {states.get(rule)}" for rule in MUST_PASS if states.get(rule) != "passed"]
        counts = {state: list(states.values()).count(state) for state in sorted(set(states.values()))}
        print(f"FOCUS 1.2: {counts}; known contradiction of the rules: {[rule for rule in states if rule == CONTRADICTION and states[rule] == 'failure']}")
        for problem in failed + wrong:
            print(f"  {problem}")
        if failed or wrong or len(states) < 500:
            shutil.copy(export, "/tmp/focus-failed.csv")
            sys.exit(1)


main()
