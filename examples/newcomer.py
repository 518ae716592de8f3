"""The first ten minutes in Python: a job, why it waits, what it writes, what it costs. SHUGU_HUB and SHUGU_TOKEN, or SHUGU_DIR, say which hub."""

import shugu

hub = shugu.Hub()
job = hub.submit(["sh", "-c", "echo hello from $(hostname)"], name="hello", tenant="llm-lab")
print(job.why().message)
job.wait()
print("".join(job.logs()), end="")
print(hub.statement(tenant="llm-lab").total, "yuan")
