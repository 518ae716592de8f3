"""What the README promises, watched on the release program: the demo, whole traces replayed twice, a short bench."""

import json
import subprocess
import sys
import time

program = sys.argv[1]
passed = failed = 0


def shugu(*arguments):
    begun = time.monotonic()
    done = subprocess.run([program, *arguments], capture_output=True, text=True, timeout=600)
    return done, time.monotonic() - begun


def check(story, holds, told=""):
    global passed, failed
    print(("ok      " if holds else "FAILED  ") + story + (f"  ({told})" if told else ""), flush=True)
    passed, failed = passed + bool(holds), failed + (not holds)


done, seconds = shugu("demo", "--exit", "--json")
shown = json.loads(done.stdout) if done.returncode == 0 else {}
check("the demo ends as meant", done.returncode == 0, done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "")
check("50 sites, 48 providers", (shown.get("census", {}).get("sites", {}).get("total"), shown.get("census", {}).get("providers")) == (50, 48))
check("the postings balance exactly", shown.get("postings_balance_yuan") == 0)
check("a gang, a failure and a cancellation are among the jobs", {job["state"] for job in shown.get("jobs", [])} == {"done", "failed", "cancelled"})

traces = {
    "openb": ["--trace", "openb:data/traces/openb/openb_pod_list_default.csv.gz"],
    "philly": ["--trace", "philly:data/traces/philly/philly_jobs.csv.gz", "--cluster", "128x8"],
    "swf": ["--trace", "swf:data/traces/philly/philly_pooled.swf.gz"],
}
for name, arguments in traces.items():
    first, seconds = shugu("replay", *arguments, "--json")
    second, _ = shugu("replay", *arguments, "--json")
    if first.returncode or second.returncode:
        check(f"the whole {name} trace replays", False, first.stderr.strip())
        continue
    one, two = json.loads(first.stdout), json.loads(second.stdout)
    told = f"{one['jobs']['finished']} of {one['jobs']['submitted']} jobs in {seconds:.2f} s"
    check(f"the whole {name} trace replays to the same journal twice", one["journal_sha256"] == two["journal_sha256"], told)
    check(f"no {name} job is lost from the count", sum(one["jobs"][key] for key in ("finished", "refused", "unplaced")) == one["jobs"]["submitted"])

two_part = ["--trace", "gaia:data/traces/gaia/pai-100k.csv.gz", "--time-unit", "hours", "--census", "data/sample/two-part",
            "--signal", "carbon:data/carbon/CISO-2022.csv.gz"]
runs, seconds = [], 0.0
for policy in ("default", "green"):
    done, took = shugu("replay", *two_part, "--policy", policy, "--json")
    runs.append(json.loads(done.stdout) if done.returncode == 0 else {"demand": {"peak_kw": 0}, "deadlines_missed": done.stderr})
    seconds = max(seconds, took)
before, after = (run["demand"]["peak_kw"] for run in runs)
told = f"{before:.2f} kW, then {after:.2f} kW; a year in {seconds:.1f} s"
check("under a two-part tariff a month's highest demand falls by 15 % and no deadline is missed", 0 < after <= 0.85 * before and runs[1]["deadlines_missed"] == 0, told)

done, seconds = shugu("bench", "hub", "--jobs", "1000", "--submits", "20000", "--entries", "100000", "--json")
bench = json.loads(done.stdout) if done.returncode == 0 else {}
told = done.stderr.strip() if not bench else "{:.2f} ms of CPU a job, {:.0f} jobs/s, {:.0f} durable submits/s".format(
    bench["life"]["cpu_ms_per_job"], bench["life"]["jobs_per_s"], bench["submits"]["jobs_per_s"]
)
check("the bench runs every job to its posting", bool(bench), told)

done, seconds = shugu("plan", "data/guizhou/plan-2026.toml", "--at", "2026-01-01", "--no-extremes", "--json")
plan = json.loads(done.stdout) if done.returncode == 0 else {"gap": 1, "status": done.stderr.strip()}
check("the plan for 190 EFLOPS is proven within half a per cent", plan["status"] == "proven" and plan["gap"] <= 0.005, f"{plan['status']}, {seconds:.1f} s")

done, seconds = shugu("report", "--census", "guizhou", "--at", "2025-12-31", "--json")
report = json.loads(done.stdout) if done.returncode == 0 else {"headlines": [], "targets": []}
said = " | ".join(row["sentence"] for row in report["headlines"][:5])
wanted = "Over 150 EFLOPS (precision unstated) | Over 90 % | 50 | 48 | Over 22 bn yuan"
aimed = any(row["due"] == "2026-12-31" and row["value"] == 190 for row in report["targets"])
check("the report of 2025 says what was published, and what is aimed at", said == wanted and aimed, said)

done, seconds = shugu("bench", "settle", "--jobs", "20000", "--json")
bench = json.loads(done.stdout) if done.returncode == 0 else {}
exact = bool(bench) and round(bench["paid_yuan"] - bench["received_yuan"] - bench["fee_yuan"], 6) == 0
told = done.stderr.strip() if not bench else f"{bench['statements']} statements in {bench['statements_s']:.2f} s"
check("a month of 48 providers and 200 tenants is told, and tenants pay what providers and hub receive", exact, told)

print(f"\n{passed} passed, {failed} failed")
sys.exit(1 if failed else 0)
