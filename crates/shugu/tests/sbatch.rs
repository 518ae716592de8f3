//! Batch scripts of Slurm, submitted as they are to a real hub with this machine as a pool.

mod common;

use std::path::Path;

use common::Hub;

/// A script as its owner has it.
fn script(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

fn ended_well(hub: &Hub, number: &str) -> serde_json::Value {
    let job = hub.ended(&format!("job-{number}"));
    assert_eq!(job["state"], "done", "{job:#} {}", hub.say(&["logs", "--stderr", &format!("job-{number}")]).out);
    job
}

#[test]
fn a_batch_script_runs_as_it_is_and_what_is_not_kept_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let hub = Hub::start(&folder.path().join("hub"), &[]).with_pool();
    let path = script(
        folder.path(),
        "train.sbatch",
        "#!/bin/bash\n\
         # An ordinary comment.\n\
         #SBATCH --job-name=\"my training\" -c 1\n\
         #SBATCH --time=0:05:00   # five minutes\n\
         #SBATCH --mem 64M\n\
         #SBATCH --partition=debug\n\
         #SBATCH --output=out-%j.txt\n\
         #SBATCH --ntasks-per-node=2\n\
         echo \"told $1 $2, job $SLURM_JOB_ID called $SLURM_JOB_NAME with $SLURM_NTASKS tasks, seed $SEED\"\n\
         srun --label -n 2 bash -c 'echo \"task $SLURM_PROCID of $WORLD_SIZE\"' | sort\n\
         #SBATCH --nodes=many: too late to be read\n",
    );
    let said = hub.say(&["sbatch", "--export=SEED=7", "--parsable", &path, "one", "two words"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let number = said.out.trim();
    assert!(said.err.contains("train.sbatch line 6: --partition=debug is left out: the hub chooses"), "{}", said.err);
    assert!(said.err.contains("train.sbatch line 7: --output=out-%j.txt is left out"), "{}", said.err);
    let job = ended_well(&hub, number);
    assert_eq!((job["name"].as_str(), job["time_limit_s"].as_f64()), (Some("my training"), Some(300.0)), "{job:#}");
    let wrote = hub.say(&["logs", &format!("job-{number}")]).out;
    let expected =
        format!("told one two words, job {number} called my training with 2 tasks, seed 7\ntask 0 of 2\ntask 1 of 2\n");
    assert_eq!(wrote, expected);
}

#[test]
fn arrays_dependencies_and_waiting_are_those_of_sbatch() {
    let folder = tempfile::tempdir().unwrap();
    let hub = Hub::start(&folder.path().join("hub"), &[]).with_pool();
    let path = script(
        folder.path(),
        "sweep.sh",
        "#!/bin/sh\n#SBATCH -a 10-14:2\necho $SLURM_ARRAY_TASK_ID of $SLURM_ARRAY_TASK_COUNT\n",
    );
    let said = hub.say(&["sbatch", "--wait", &path]);
    assert_eq!((said.code, said.out.as_str()), (0, "Submitted batch job 1\n"), "{}", said.err);
    let wrote = |job: u32| hub.say(&["logs", &format!("job-{job}")]).out;
    assert_eq!([wrote(1), wrote(2), wrote(3)], ["10 of 3\n", "12 of 3\n", "14 of 3\n"]);
    // A list wins over what the script says.
    assert_eq!(hub.say(&["sbatch", "-W", "--array=7,3", &path]).code, 0);
    assert_eq!([wrote(4), wrote(5)], ["7 of 2\n", "3 of 2\n"]);
    // The second ends well only after the first, whose failure cancels it.
    let first = hub.say(&["sbatch", "--parsable", "--wrap", "sleep 3; exit 3"]).out;
    let second = hub.say(&["sbatch", "--parsable", &format!("--dependency=afterok:{}", first.trim()), "--wrap=true"]).out;
    assert_eq!(hub.ended(&format!("job-{}", first.trim()))["exit_code"], 3);
    assert_eq!(hub.ended(&format!("job-{}", second.trim()))["state"], "cancelled");
}

#[test]
fn what_would_change_the_meaning_of_a_script_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let hub = Hub::start(&folder.path().join("hub"), &[]);
    let refused = |text: &str, expected: &str| {
        let path = script(folder.path(), "bad.sh", text);
        let said = hub.say(&["sbatch", &path]);
        assert_eq!(said.code, 2, "{text}: {}{}", said.out, said.err);
        assert!(said.err.contains(expected), "{text}: {}", said.err);
    };
    refused(
        "#!/bin/sh\n\n#SBATCH --begin=now+1hour\ntrue\n",
        "bad.sh line 3: --begin=now+1hour: is not kept here; submit it then",
    );
    refused(
        "#!/bin/sh\n#SBATCH --dependency=singleton\n",
        "line 2: --dependency=singleton: is not kept here; after, afterok and afterany are",
    );
    refused("#!/bin/sh\n#SBATCH --nodse=4\n", "line 2: --nodse=4: no option of sbatch");
    refused("#!/bin/sh\n#SBATCH -t soon\n", "line 2: -t soon: is no time of Slurm");
    refused("#!/bin/sh\n#SBATCH --gres=fpga:2\n", "the hub knows no fpga");
    refused("#!/bin/sh\n#SBATCH -N 2 --gpus=5\n", "does not divide among the nodes");
    refused("#!/bin/sh\n#SBATCH --job-name=\"open\n", "a quote is not closed");
    refused("#!/bin/sh\n#SBATCH -H\n", "line 2: -H: is not kept here; submit it when it is to run");
    refused("#!/bin/sh\n#SBATCH hetjob\n", "submit one job for each kind");
    refused("echo no program named\n", "line 1: a batch script begins with #!");
    assert_eq!(hub.json(&["jobs"])["jobs"].as_array().unwrap().len(), 0, "nothing was submitted");
}
