//! A whole Slurm cluster of one's own on loopback, from Debian's packages: controller, nodes, authentication.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::agent::Agent;
use super::kill_all;

/// What a cluster has. Nodes are `n1`, `n2`, …, each with eight devices `gpu:h100`.
pub struct Settings {
    pub nodes: usize,
    pub cpus: usize,
    /// Whether memory is given and kept to, as CPUs are.
    pub memory: bool,
    /// Whether slurmdbd remembers jobs, over a database of its own. Slurm itself then forgets them after two seconds.
    pub accounting: bool,
    /// Whether nodes can be switched off and on.
    pub power_saving: bool,
    /// Whether slurmrestd serves it, for users with JSON web tokens.
    pub rest: bool,
}

impl Settings {
    pub const fn new(nodes: usize, cpus: usize) -> Settings {
        Settings { nodes, cpus, memory: false, accounting: false, power_saving: false, rest: false }
    }
}

pub struct Cluster {
    pub name: String,
    pub folder: PathBuf,
    nodes: usize,
    power_saving: bool,
    controller: Option<Child>,
    daemons: Vec<Option<Child>>,
    munge: Child,
    /// The database and slurmdbd, if there is accounting; slurmrestd, if there is that.
    accounting: Vec<Child>,
    /// Where slurmrestd serves.
    pub rest: Option<String>,
}

fn start(program: &str, arguments: &[&str], config: &Path) -> Child {
    let mut command = Command::new(program);
    command.args(arguments).env("SLURM_CONF", config).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().unwrap_or_else(|error| panic!("{program}: {error}; ./test installs it"))
}

/// So many free ports in a row.
fn ports(count: u16) -> u16 {
    (0..100)
        .map(|_| super::free_port())
        .find(|first| *first < 60_000 && (0..count).all(|at| std::net::TcpListener::bind(("127.0.0.1", first + at)).is_ok()))
        .expect("there are free ports")
}

impl Cluster {
    pub fn start(folder: &Path, name: &str, settings: &Settings) -> Cluster {
        let own = folder.join(name);
        let munge = own.join("munge");
        for part in ["state", "log", "munge", "dev"] {
            std::fs::create_dir_all(own.join(part)).unwrap();
        }
        for at in 1..=settings.nodes {
            std::fs::create_dir_all(own.join(format!("spool.n{at}"))).unwrap();
        }
        for path in [folder, &own, &munge] {
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
        }
        let mut key = [0_u8; 1024];
        std::io::Read::read_exact(&mut std::fs::File::open("/dev/urandom").unwrap(), &mut key).unwrap();
        std::fs::write(munge.join("key"), key).unwrap();
        std::fs::set_permissions(munge.join("key"), std::fs::Permissions::from_mode(0o400)).unwrap();
        run("chown", &["-R", "munge:munge", &munge.display().to_string()]);
        for at in 0..8 {
            // Slurm takes devices that are device nodes only.
            run("mknod", &[&own.join(format!("dev/gpu{at}")).display().to_string(), "c", "1", "3"]);
        }
        let first = ports(settings.nodes as u16 + 4);
        let tokens = match settings.rest {
            true => {
                let mut key = [0_u8; 32];
                std::io::Read::read_exact(&mut std::fs::File::open("/dev/urandom").unwrap(), &mut key).unwrap();
                std::fs::write(own.join("jwt.key"), key).unwrap();
                std::fs::set_permissions(own.join("jwt.key"), std::fs::Permissions::from_mode(0o600)).unwrap();
                format!("AuthAltTypes=auth/jwt\nAuthAltParameters=jwt_key={}/jwt.key\n", own.display())
            }
            false => String::new(),
        };
        let (dbd_port, sql_port) = (first + settings.nodes as u16 + 1, first + settings.nodes as u16 + 2);
        let host = nix::unistd::gethostname().unwrap().into_string().unwrap();
        let host = host.split('.').next().unwrap();
        let at = own.display();
        let (select, accounting) = match settings.memory {
            true => (
                "CR_Core_Memory",
                "JobAcctGatherType=jobacct_gather/linux\nJobAcctGatherFrequency=1\nJobAcctGatherParams=OverMemoryKill",
            ),
            false => ("CR_Core", "JobAcctGatherType=jobacct_gather/none"),
        };
        let (last, cpus) = (settings.nodes, settings.cpus);
        let (storage, forget) = match settings.accounting {
            true => (
                format!(
                    "accounting_storage/slurmdbd\nAccountingStorageHost=127.0.0.1\nAccountingStoragePort={dbd_port}\n\
                     AccountingStoragePass={at}/munge/sock"
                ),
                2,
            ),
            false => ("accounting_storage/none".to_owned(), 60),
        };
        let power = match settings.power_saving {
            true => {
                let script = |name: &str, each: &str| {
                    let path = own.join(name);
                    let each = format!(
                        "#!/bin/bash\nexport PATH=/usr/sbin:/usr/bin:/sbin:/bin SLURM_CONF={at}/slurm.conf\nfor node in $(scontrol show hostnames \"$1\"); do\n{each}\ndone\n"
                    );
                    std::fs::write(&path, each).unwrap();
                    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
                };
                script("suspend.sh", &format!("kill $(cat {at}/slurmd.$node.pid); echo $node >>{at}/log/slept"));
                // One that was switched on says that it was. What is in the script's own group ends with it.
                script(
                    "resume.sh",
                    &format!(
                        "sleep 2; setsid slurmd -D -b -N $node </dev/null >/dev/null 2>&1 & sleep 1; echo $node >>{at}/log/woken"
                    ),
                );
                format!(
                    "SuspendProgram={at}/suspend.sh\nResumeProgram={at}/resume.sh\nSuspendTime=86400\nSuspendTimeout=3\nResumeTimeout=60\n"
                )
            }
            false => String::new(),
        };
        let config = format!(
            "ClusterName={name}\nSlurmctldHost={host}(127.0.0.1)\nSlurmctldPort={first}\nSlurmUser=root\nSlurmdUser=root\n\
             AuthType=auth/munge\nAuthInfo=socket={at}/munge/sock\nCredType=cred/munge\n{tokens}CommunicationParameters=NoCtldInAddrAny,NoInAddrAny\n\
             StateSaveLocation={at}/state\nSlurmdSpoolDir={at}/spool.%n\nSlurmctldPidFile={at}/slurmctld.pid\nSlurmdPidFile={at}/slurmd.%n.pid\n\
             SlurmctldLogFile={at}/log/slurmctld.log\nSlurmdLogFile={at}/log/slurmd.%n.log\nSlurmctldDebug=info\nSlurmdDebug=info\n\
             ProctrackType=proctrack/linuxproc\nTaskPlugin=task/none\n{accounting}\nAccountingStorageType={storage}\n\
             MpiDefault=none\nSwitchType=switch/none\nReturnToService=2\nSlurmdParameters=config_overrides\nMaxJobCount=100000\n\
             {power}MinJobAge={forget}\nKillWait=5\nSlurmdTimeout=10\nMessageTimeout=20\nSchedulerType=sched/backfill\nSelectType=select/cons_tres\n\
             SelectTypeParameters={select}\nGresTypes=gpu\n\
             SchedulerParameters=defer,sched_min_interval=200000,batch_sched_delay=0,default_queue_depth=2000,sched_max_job_start=1000,max_rpc_cnt=0,bf_interval=5\n\
             NodeName=n[1-{last}] NodeHostname={host} NodeAddr=127.0.0.1 Port=[{}-{}] CPUs={cpus} RealMemory=20000 Gres=gpu:h100:8 State=UNKNOWN\n\
             PartitionName=main Nodes=n[1-{last}] Default=YES MaxTime=INFINITE State=UP OverSubscribe=NO\n",
            first + 1,
            first as usize + last,
        );
        std::fs::write(own.join("slurm.conf"), config).unwrap();
        std::fs::write(
            own.join("gres.conf"),
            format!("AutoDetect=off\nNodeName=n[1-{last}] Name=gpu Type=h100 File={at}/dev/gpu[0-7]\n"),
        )
        .unwrap();
        let munge = Command::new("runuser")
            .args(["-u", "munge", "--", "/usr/sbin/munged", "--foreground"])
            .args(["key-file", "socket", "pid-file", "log-file", "seed-file"].map(|what| {
                let file = match what {
                    "key-file" => "key",
                    "socket" => "sock",
                    "pid-file" => "pid",
                    "log-file" => "log",
                    _ => "seed",
                };
                format!("--{what}={at}/munge/{file}")
            }))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("munge is installed by ./test");
        let mut cluster = Cluster {
            name: name.to_owned(),
            folder: own,
            nodes: settings.nodes,
            power_saving: settings.power_saving,
            controller: None,
            daemons: (0..settings.nodes).map(|_| None).collect(),
            munge,
            accounting: Vec::new(),
            rest: None,
        };
        let begun = Instant::now();
        while !cluster.folder.join("munge/sock").exists() {
            assert!(begun.elapsed() < Duration::from_secs(20), "munged does not start");
            std::thread::sleep(Duration::from_millis(20));
        }
        if settings.accounting {
            cluster.start_accounting(host, dbd_port, sql_port);
        }
        cluster.start_controller();
        (1..=settings.nodes).for_each(|node| cluster.start_node(node));
        cluster.wait_idle();
        if settings.rest {
            cluster.start_rest(first + settings.nodes as u16 + 3);
        }
        cluster
    }

    /// As a provider would, and with a token for root. It must be told that root may, for tests.
    fn start_rest(&mut self, port: u16) {
        let token = self.tool("scontrol", &["token", "lifespan=86400"]);
        std::fs::write(self.token(), token.strip_prefix("SLURM_JWT=").unwrap()).unwrap();
        let listen = format!("127.0.0.1:{port}");
        let mut command = Command::new("slurmrestd");
        command.args(["-s", "openapi/v0.0.38", "-a", "rest_auth/jwt", &listen]).env("SLURM_CONF", self.config());
        command.env("SLURM_JWT", "daemon").env("SLURMRESTD_SECURITY", "disable_user_check");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        self.accounting.push(command.spawn().expect("slurmrestd is installed by ./test"));
        let begun = Instant::now();
        while std::net::TcpStream::connect(&listen).is_err() {
            assert!(begun.elapsed() < Duration::from_secs(20), "slurmrestd does not start");
            std::thread::sleep(Duration::from_millis(20));
        }
        self.rest = Some(format!("http://{listen}"));
    }

    fn token(&self) -> PathBuf {
        self.folder.join("token")
    }

    fn start_accounting(&mut self, host: &str, dbd_port: u16, sql_port: u16) {
        let own = self.folder.join("database");
        let at = own.display().to_string();
        run(
            "mariadb-install-db",
            &[
                "--no-defaults",
                &format!("--datadir={at}"),
                "--user=root",
                "--auth-root-authentication-method=normal",
                "--skip-test-db",
                // Its journal is as large as it may become, from the beginning: 96 MiB unless told otherwise.
                "--innodb-log-file-size=8M",
            ],
        );
        let database = Command::new("mariadbd")
            .args(["--no-defaults", "--user=root", "--bind-address=127.0.0.1"])
            .args(["--innodb-buffer-pool-size=64M", "--innodb-log-file-size=8M"])
            .args([format!("--datadir={at}"), format!("--socket={at}/sock"), format!("--port={sql_port}")])
            .arg(format!("--pid-file={at}/pid"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("mariadb-server is installed by ./test");
        self.accounting.push(database);
        let user = "CREATE DATABASE slurm; CREATE USER slurm@'%' IDENTIFIED BY 'sample'; GRANT ALL ON slurm.* TO slurm@'%';";
        let begun = Instant::now();
        while !Command::new("mariadb")
            .args(["--no-defaults", &format!("--socket={at}/sock"), "--user=root", "--execute", user])
            .stderr(Stdio::null())
            .status()
            .unwrap()
            .success()
        {
            assert!(begun.elapsed() < Duration::from_secs(60), "the database does not start");
            std::thread::sleep(Duration::from_millis(100));
        }
        let folder = self.folder.display();
        let config = format!(
            "AuthType=auth/munge\nAuthInfo=socket={folder}/munge/sock\nDbdHost={host}\nDbdAddr=127.0.0.1\nDbdPort={dbd_port}\nSlurmUser=root\n\
             LogFile={folder}/log/slurmdbd.log\nPidFile={folder}/slurmdbd.pid\nStorageType=accounting_storage/mysql\nStorageHost=127.0.0.1\n\
             StoragePort={sql_port}\nStorageUser=slurm\nStoragePass=sample\nStorageLoc=slurm\nCommunicationParameters=NoInAddrAny\n"
        );
        let path = self.folder.join("slurmdbd.conf");
        std::fs::write(&path, config).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        self.accounting.push(start("slurmdbd", &["-D"], &self.config()));
        let begun = Instant::now();
        while !self.try_tool("sacctmgr", &["--immediate", "add", "cluster", &self.name]).status.success() {
            assert!(begun.elapsed() < Duration::from_secs(60), "slurmdbd does not start");
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    pub fn config(&self) -> PathBuf {
        self.folder.join("slurm.conf")
    }

    pub fn start_controller(&mut self) {
        self.controller = Some(start("slurmctld", &["-D"], &self.config()));
    }

    pub fn start_node(&mut self, node: usize) {
        self.daemons[node - 1] = Some(start("slurmd", &["-D", "-N", &format!("n{node}")], &self.config()));
    }

    /// Kills the controller without a word.
    pub fn kill_controller(&mut self) {
        if let Some(mut child) = self.controller.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Kills a node's daemon without a word; what runs there goes on.
    pub fn kill_daemon(&mut self, node: usize) {
        if let Some(mut child) = self.daemons[node - 1].take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Kills what jobs run at a node, all at the same moment: none of it sees another one end. `whole`: with Slurm's own
    /// processes that hold it.
    pub fn kill_jobs(&self, node: usize, whole: bool) {
        let mark = format!("SLURMD_NODENAME=n{node}\0");
        let mut all = self.processes(|environment| environment.contains(&mark));
        let cluster = self.processes(|_| true);
        let parent = |pid: &i32| {
            let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
            stat.rsplit_once(") ").and_then(|(_, rest)| rest.split(' ').nth(1)?.parse::<i32>().ok())
        };
        let parents: Vec<i32> = all.iter().filter_map(parent).filter(|parent| cluster.contains(parent)).collect();
        if whole {
            all.extend(parents);
        }
        for pid in &all {
            let _ = kill(Pid::from_raw(*pid), Signal::SIGSTOP);
        }
        kill_all(&all);
    }

    /// A node fails: its daemon and all that runs there.
    pub fn fail_node(&mut self, node: usize) {
        self.kill_daemon(node);
        self.kill_jobs(node, true);
    }

    /// Puts nodes back into service that Slurm has drained.
    pub fn resume(&self) {
        let drained = self.try_tool("sinfo", &["--noheader", "--states=drain,down,fail", "--format=%N"]);
        let nodes = String::from_utf8_lossy(&drained.stdout).trim().to_owned();
        if !nodes.is_empty() {
            let _ = self.try_tool("scontrol", &["update", &format!("nodename={nodes}"), "state=resume"]);
        }
    }

    /// Runs one of Slurm's tools, as a user of the cluster would.
    pub fn tool(&self, program: &str, arguments: &[&str]) -> String {
        let done = Command::new(program).args(arguments).env("SLURM_CONF", self.config()).output().unwrap();
        assert!(done.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8_lossy(&done.stdout).trim().to_owned()
    }

    /// The same, where it may fail.
    pub fn try_tool(&self, program: &str, arguments: &[&str]) -> Output {
        Command::new(program).args(arguments).env("SLURM_CONF", self.config()).output().unwrap()
    }

    pub fn wait_idle(&self) {
        let begun = Instant::now();
        loop {
            let idle = self.try_tool("sinfo", &["--noheader", "--states=idle", "--format=%D"]);
            if String::from_utf8_lossy(&idle.stdout).trim() == self.nodes.to_string() {
                return;
            }
            assert!(begun.elapsed() < Duration::from_secs(60), "{}: nodes do not become idle", self.name);
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// An agent of this cluster, in a folder that all its nodes see.
    pub fn agent(&self, hub: &str, token: &str) -> Agent {
        let (config, own) = (self.config(), self.token());
        let how = match &self.rest {
            None => ["--slurm-conf", config.to_str().unwrap()].to_vec(),
            Some(url) => ["--slurm-user", "root", "--slurm-rest", url, "--slurm-token", own.to_str().unwrap()].to_vec(),
        };
        let saving: &[&str] = if self.power_saving { &["--power-saving"] } else { &[] };
        let arguments = [&["--executor", "slurm", "--model", "gpu:h100=H100 SXM5 80GB"][..], saving, &how].concat();
        Agent::start(hub, token, &self.name, &self.folder.join("agent"), &arguments)
    }

    /// Processes of the cluster's jobs.
    fn processes(&self, also: impl Fn(&str) -> bool) -> Vec<i32> {
        let mark = format!("SLURM_CONF={}", self.config().display());
        let own = [self.controller.as_ref(), Some(&self.munge)].into_iter().chain(self.daemons.iter().map(Option::as_ref));
        let own: Vec<i32> = own.flatten().map(|child| child.id() as i32).collect();
        let pids = std::fs::read_dir("/proc").unwrap().flatten();
        let pids = pids.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok()).filter(|pid| !own.contains(pid));
        let has = |pid: &i32| {
            let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
            let environment = String::from_utf8_lossy(&environment).into_owned();
            environment.contains(&mark) && also(&environment)
        };
        pids.filter(has).collect()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let children = [self.controller.as_mut(), Some(&mut self.munge)]
            .into_iter()
            .chain(self.daemons.iter_mut().map(Option::as_mut))
            .chain(self.accounting.iter_mut().map(Some));
        for child in children.flatten() {
            let _ = child.kill();
            let _ = child.wait();
        }
        // `runuser` is not munged itself.
        if let Ok(pid) = std::fs::read_to_string(self.folder.join("munge/pid"))
            && let Ok(pid) = pid.trim().parse()
        {
            kill_all(&[pid]);
        }
        kill_all(&self.processes(|_| true));
    }
}

fn run(program: &str, arguments: &[&str]) {
    let done = Command::new(program).args(arguments).output().unwrap();
    assert!(done.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
}
