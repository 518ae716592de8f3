//! Data that a job reads, at its site before the job starts: what lies there is told by its path, what does not is brought into
//! the agent's folder once, whole and compared with its checksum, and used by every job that reads it. A transfer that
//! broke goes on where it was, also after the agent was killed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use measure::Memory;
use sha2::{Digest, Sha256};

use super::s3::{self, Object};
use super::{Fault, TOLD_EVERY, check, client, rsync, status};
use crate::wire::WantedInput;

/// How many transfers run at a time.
const AT_A_TIME: usize = 4;

/// Where brought data lies in the agent's folder. Another content has another path.
fn kept_at(folder: &Path, input: &WantedInput) -> PathBuf {
    let told = format!("{} {} {}", input.bytes, input.sha256.as_deref().unwrap_or_default(), input.from);
    let digest: String = Sha256::digest(&told).iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    folder.join("data").join(format!("{}-{digest}", input.name))
}

/// The variable that tells a job where an input lies.
fn variable(name: &str) -> String {
    let letter = |letter: char| if letter.is_ascii_alphanumeric() { letter.to_ascii_uppercase() } else { '_' };
    format!("SHUGU_INPUT_{}", name.chars().map(letter).collect::<String>())
}

/// Brings data, a few at a time.
#[derive(Clone, Default)]
pub(crate) struct Bringer {
    /// What is being brought: two jobs never write one file.
    busy: Arc<Mutex<BTreeSet<PathBuf>>>,
}

impl Bringer {
    /// Where each input lies, by the variable that tells a job; brings what is missing. `tell` hears how far it is.
    ///
    /// # Errors
    /// What cannot be had, and why.
    pub(crate) fn bring(
        &self,
        folder: &Path,
        inputs: &[WantedInput],
        unwanted: &AtomicBool,
        tell: &dyn Fn(String),
    ) -> Result<BTreeMap<String, String>, String> {
        let mut found = BTreeMap::new();
        for input in inputs {
            let path = match input.from.as_str() {
                "" => return Err(format!("there is no data set {} any more", input.name)),
                from if !from.contains("://") => PathBuf::from(from),
                _ => self
                    .kept(folder, input, unwanted, tell)
                    .map_err(|fault| format!("{} cannot be brought: {fault}", input.name))?,
            };
            found.insert(variable(&input.name), path.display().to_string());
        }
        Ok(found)
    }

    fn kept(&self, folder: &Path, input: &WantedInput, unwanted: &AtomicBool, tell: &dyn Fn(String)) -> Result<PathBuf, Fault> {
        let path = kept_at(folder, input);
        let mine = || {
            let mut busy = self.busy.lock().unwrap_or_else(PoisonError::into_inner);
            busy.len() < AT_A_TIME && busy.insert(path.clone())
        };
        while !mine() {
            check(unwanted)?;
            thread::sleep(Duration::from_millis(50));
        }
        let brought = self.patiently(input, &path, unwanted, tell);
        self.busy.lock().unwrap_or_else(PoisonError::into_inner).remove(&path);
        brought.map(|()| path)
    }

    fn patiently(&self, input: &WantedInput, path: &Path, unwanted: &AtomicBool, tell: &dyn Fn(String)) -> Result<(), Fault> {
        if path.exists() {
            // It was used now: it is kept for longer.
            let _ = File::open(path).and_then(|file| file.set_modified(SystemTime::now()));
            return Ok(());
        }
        fs::create_dir_all(path.parent().unwrap_or(path))?;
        let part = path.with_extension("part");
        let had = || fs::metadata(&part).map_or(0, |data| data.len());
        let said = |told: &str| tell(format!("{} cannot be brought yet: {told}", input.name));
        super::patiently(unwanted, &said, had, || once(input, &part, unwanted, tell))?;
        Ok(fs::rename(&part, path)?)
    }
}

fn far(input: &WantedInput, bytes: u64) -> String {
    format!("bringing {}: {} of {}", input.name, Memory(bytes >> 20 << 20), Memory(input.bytes))
}

/// Brings data into a file that may hold a part of it already, and compares it.
fn once(input: &WantedInput, part: &Path, unwanted: &AtomicBool, tell: &dyn Fn(String)) -> Result<(), Fault> {
    let there = fs::metadata(part).map_or(0, |data| data.len());
    let left = input.bytes.saturating_sub(there);
    let free =
        nix::sys::statvfs::statvfs(part.parent().unwrap_or(part)).map(|disk| disk.blocks_available() * disk.fragment_size());
    if free.is_ok_and(|free| free < left) {
        return Err(Fault::Again(format!("{} are needed, and the agent's folder has less free", Memory(left))));
    }
    if there < input.bytes || !part.exists() {
        match input.from.starts_with("rsync://") {
            true => by_rsync(input, part, unwanted, tell)?,
            false => by_http(input, part, there, unwanted, tell)?,
        }
    }
    let size = fs::metadata(part)?.len();
    if size < input.bytes {
        return Err(Fault::Again(format!("it ended after {} of {}", Memory(size), Memory(input.bytes))));
    }
    let wrong = match &input.sha256 {
        _ if size > input.bytes => Some(format!("it has {size} bytes, and should have {}", input.bytes)),
        Some(expected) => {
            let found = checksum(part, unwanted)?;
            (found != *expected).then(|| format!("its SHA-256 is {found}, and should be {expected}"))
        }
        None => None,
    };
    match wrong {
        // A part of before may be of something else.
        Some(told) if there > 0 => {
            fs::remove_file(part)?;
            Err(Fault::Again(told))
        }
        Some(told) => {
            fs::remove_file(part)?;
            Err(Fault::Never(told))
        }
        None => Ok(File::open(part)?.sync_all()?),
    }
}

fn by_http(input: &WantedInput, part: &Path, there: u64, unwanted: &AtomicBool, tell: &dyn Fn(String)) -> Result<(), Fault> {
    let url = match input.from.starts_with(s3::SCHEME) {
        true => Object::at(&input.from).map_err(Fault::Never)?.get(),
        false => input.from.clone(),
    };
    let mut request = client().get(&url);
    if there > 0 {
        request = request.header("range", format!("bytes={there}-"));
    }
    let mut answer = request.call().map_err(|error| Fault::Again(error.to_string().replace(&url, &input.from)))?;
    let mut had = match answer.status().as_u16() {
        206 => there,
        200 => 0,
        416 => {
            fs::remove_file(part)?;
            return Err(Fault::Again("the source has less than it had".to_owned()));
        }
        code => {
            status(&input.from, code)?;
            return Err(Fault::Again(format!("{} answers {code}", input.from)));
        }
    };
    let mut file = OpenOptions::new().create(true).write(true).truncate(false).open(part)?;
    file.set_len(had)?;
    io::Seek::seek(&mut file, io::SeekFrom::Start(had))?;
    let mut source = answer.body_mut().as_reader();
    let (mut piece, mut told) = (vec![0; 256 << 10], Instant::now() - TOLD_EVERY);
    loop {
        check(unwanted)?;
        let read = source.read(&mut piece)?;
        if read == 0 {
            return Ok(());
        }
        had += read as u64;
        if had > input.bytes {
            return Err(Fault::Never(format!("the source gives more than the {} bytes it should have", input.bytes)));
        }
        file.write_all(&piece[..read])?;
        if told.elapsed() >= TOLD_EVERY {
            told = Instant::now();
            tell(far(input, had));
        }
    }
}

fn by_rsync(input: &WantedInput, part: &Path, unwanted: &AtomicBool, tell: &dyn Fn(String)) -> Result<(), Fault> {
    let mut told = Instant::now() - TOLD_EVERY;
    let tick = || {
        if told.elapsed() >= TOLD_EVERY {
            told = Instant::now();
            tell(far(input, fs::metadata(part).map_or(0, |data| data.len())));
        }
    };
    rsync(&["--inplace", "--append-verify"], &input.from, &part.display().to_string(), unwanted, tick)
}

fn checksum(path: &Path, unwanted: &AtomicBool) -> Result<String, Fault> {
    let (mut file, mut sum, mut piece) = (File::open(path)?, Sha256::new(), vec![0; 1 << 20]);
    loop {
        check(unwanted)?;
        let read = file.read(&mut piece)?;
        if read == 0 {
            return Ok(sum.finalize().iter().map(|byte| format!("{byte:02x}")).collect());
        }
        sum.update(&piece[..read]);
    }
}

/// Removes data that no job has used for long and none of the live ones reads.
pub(crate) fn tidy(folder: &Path, keep: Duration, live: &[WantedInput]) {
    let used: BTreeSet<PathBuf> = live.iter().map(|input| kept_at(folder, input)).collect();
    for entry in fs::read_dir(folder.join("data")).into_iter().flatten().flatten() {
        let path = entry.path();
        let age = entry.metadata().and_then(|data| data.modified()).ok().and_then(|at| SystemTime::now().duration_since(at).ok());
        if !used.contains(&path.with_extension("")) && !used.contains(&path) && age.is_some_and(|age| age > keep) {
            let _ = fs::remove_file(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader};
    use std::net::{TcpListener, TcpStream};
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    const CONTENT: &[u8] = b"0123456789";
    const SUM: &str = "84d89877f0d4041efb6bf91a16f0248f2fd573e6af05c19f96bedb9f882f7882";

    /// A server that ends its first answers after so many bytes, and knows ranges if it should.
    fn source(breaks: u64, each: usize, ranges: bool) -> (String, Arc<AtomicU64>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/corpus", listener.local_addr().unwrap());
        let asked = Arc::new(AtomicU64::new(0));
        let counted = asked.clone();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let times = counted.fetch_add(1, Ordering::SeqCst);
                answer(&mut stream.unwrap(), if times < breaks { each } else { CONTENT.len() }, ranges);
            }
        });
        (url, asked)
    }

    fn answer(stream: &mut TcpStream, most: usize, ranges: bool) {
        let mut from = 0;
        for line in BufReader::new(stream.try_clone().unwrap()).lines() {
            let line = line.unwrap().to_lowercase();
            if let Some(range) = line.strip_prefix("range: bytes=").filter(|_| ranges) {
                from = range.trim_end_matches('-').parse().unwrap();
            }
            if line.is_empty() {
                break;
            }
        }
        let rest = &CONTENT[from..];
        let status = if from > 0 { "206 Partial Content" } else { "200 OK" };
        let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", rest.len());
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(&rest[..most.min(rest.len())]).unwrap();
    }

    fn input(from: &str, sum: Option<&str>) -> WantedInput {
        WantedInput { name: "corpus".to_owned(), bytes: 10, sha256: sum.map(str::to_owned), from: from.to_owned() }
    }

    fn bring(folder: &Path, input: &WantedInput) -> Result<String, String> {
        let found = Bringer::default().bring(folder, std::slice::from_ref(input), &AtomicBool::new(false), &|_| {})?;
        Ok(fs::read_to_string(&found["SHUGU_INPUT_CORPUS"]).unwrap())
    }

    #[test]
    fn a_transfer_that_breaks_goes_on_where_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let (url, asked) = source(2, 4, true);
        assert_eq!(bring(folder.path(), &input(&url, Some(SUM))).unwrap().as_bytes(), CONTENT);
        assert_eq!(asked.load(Ordering::SeqCst), 3);
        assert_eq!(bring(folder.path(), &input(&url, Some(SUM))).unwrap().as_bytes(), CONTENT);
        assert_eq!(asked.load(Ordering::SeqCst), 3, "what is there is not brought again");
    }

    #[test]
    fn a_source_that_knows_no_ranges_begins_anew() {
        let folder = tempfile::tempdir().unwrap();
        let (url, _) = source(1, 4, false);
        assert_eq!(bring(folder.path(), &input(&url, Some(SUM))).unwrap().as_bytes(), CONTENT);
    }

    #[test]
    fn what_is_not_what_it_should_be_is_never_given_to_a_job() {
        let folder = tempfile::tempdir().unwrap();
        let (url, _) = source(0, 10, true);
        let told = bring(folder.path(), &input(&url, Some(&SUM.replace('8', "9")))).unwrap_err();
        assert!(told.starts_with("corpus cannot be brought: its SHA-256 is 84d8"), "{told}");
        let told = bring(folder.path(), &WantedInput { bytes: 9, ..input(&url, None) }).unwrap_err();
        assert_eq!(told, "corpus cannot be brought: the source gives more than the 9 bytes it should have");
        assert_eq!(
            fs::read_dir(folder.path().join("data"))
                .unwrap()
                .filter(|one| one.as_ref().unwrap().path().extension().is_none())
                .count(),
            0
        );
        assert_eq!(bring(folder.path(), &input("", None)).unwrap_err(), "there is no data set corpus any more");
    }

    #[test]
    fn what_lies_at_the_site_is_used_in_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("there");
        fs::write(&path, CONTENT).unwrap();
        assert_eq!(bring(folder.path(), &input(path.to_str().unwrap(), None)).unwrap().as_bytes(), CONTENT);
        assert!(!folder.path().join("data").exists());
    }

    #[test]
    fn a_real_rsync_daemon_gives_the_rest_of_what_is_there() {
        let (served, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::write(served.path().join("corpus"), CONTENT).unwrap();
        let daemon = crate::data::test::Daemon::start(served.path());
        let input = input(&format!("rsync://127.0.0.1:{}/files/corpus", daemon.port), Some(SUM));
        let part = kept_at(folder.path(), &input).with_extension("part");
        fs::create_dir_all(part.parent().unwrap()).unwrap();
        fs::write(&part, &CONTENT[..4]).unwrap();
        assert_eq!(bring(folder.path(), &input).unwrap().as_bytes(), CONTENT);
        let missing = WantedInput { from: input.from.replace("corpus", "missing"), ..input };
        let told = bring(folder.path(), &missing).unwrap_err();
        assert!(told.contains("cannot be brought") && told.contains("missing"), "{told}");
    }

    #[test]
    fn a_variable_has_a_name_that_every_shell_takes() {
        assert_eq!(variable("wiki-2.zh"), "SHUGU_INPUT_WIKI_2_ZH");
    }
}
