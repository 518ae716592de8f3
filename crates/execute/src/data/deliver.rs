//! What a job wrote, to where it should go, once it has ended well and before its end is told: whoever waits for that end
//! finds the output in its place. It may be done twice, and is the same then.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use dispatch::Output;
use measure::Memory;

use super::s3::{self, Object};
use super::{Fault, TOLD_EVERY, check, client, patiently, rsync, status};

/// Files of up to this size go to an object store in one piece, larger ones in parts of at least this size.
const PART: u64 = 64 << 20;
/// An object has no more parts.
const PARTS_MOST: u64 = 9_000;
/// A folder with more files is refused: it should be an archive.
const FILES_MOST: usize = 100_000;

/// What is to be delivered, for whom.
pub(crate) struct Delivery {
    /// The job's own folder.
    pub(crate) folder: PathBuf,
    /// What goes where.
    pub(crate) outputs: Vec<Output>,
    /// Whose job it is.
    pub(crate) tenant: String,
    /// To where the site's own keys may be used; `{tenant}` stands for the tenant.
    pub(crate) stores: Vec<String>,
}

/// Delivers everything. `tell` hears how far it is.
///
/// # Errors
/// What could not be delivered, and why.
pub(crate) fn deliver(delivery: &Delivery, unwanted: &AtomicBool, tell: &dyn Fn(String)) -> Result<(), String> {
    for output in &delivery.outputs {
        one(delivery, output, unwanted, tell).map_err(|fault| format!("{} to {}: {fault}", output.path, output.to))?;
    }
    Ok(())
}

/// Everything to one destination.
fn one(delivery: &Delivery, output: &Output, unwanted: &AtomicBool, tell: &dyn Fn(String)) -> Result<(), Fault> {
    let from = delivery.folder.join(&output.path);
    let meta = fs::metadata(&from).map_err(|error| Fault::Never(error.to_string()))?;
    if output.to.starts_with(s3::SCHEME) && !delivery.stores.iter().any(|store| within(&output.to, store, &delivery.tenant)) {
        let told = "this site's keys are not for that: its provider says where they may be used (--s3-output)";
        return Err(Fault::Never(told.to_owned()));
    }
    let name = from.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let to = if output.to.ends_with('/') { format!("{}{name}", output.to) } else { output.to.clone() };
    let said = |told: &str| tell(format!("{} cannot be delivered yet: {told}", output.path));
    if to.starts_with("rsync://") {
        // What is there already is compared and not sent again; a folder goes as what it holds.
        let from = if meta.is_dir() { format!("{}/", from.display()) } else { from.display().to_string() };
        let once = || rsync(&["--recursive", "--links", "--times", "--partial"], &from, &to, unwanted, || {});
        return patiently(unwanted, &said, || 0, once);
    }
    let files = if meta.is_dir() { files_below(&from)? } else { vec![String::new()] };
    let all = files.len();
    for (number, file) in files.iter().enumerate() {
        let (path, to) = match file.as_str() {
            "" => (from.clone(), to.clone()),
            below => (from.join(below), format!("{to}/{below}")),
        };
        let far = |bytes: u64, size: u64| {
            let of = if all > 1 { format!(" ({} of {all} files)", number + 1) } else { String::new() };
            tell(format!("delivering {}: {} of {}{of}", output.path, Memory(bytes >> 20 << 20), Memory(size)));
        };
        // Parts that an object store has taken are not sent again.
        let upload = std::cell::RefCell::new(Upload::default());
        let sent = || upload.borrow().tags.len() as u64;
        patiently(unwanted, &said, sent, || send(&path, &to, &mut upload.borrow_mut(), unwanted, &far))?;
    }
    Ok(())
}

/// Whether an address lies where a site's keys may be used.
fn within(to: &str, store: &str, tenant: &str) -> bool {
    let store = store.replace("{tenant}", tenant);
    let store = store.trim_end_matches('/');
    to.strip_prefix(store).is_some_and(|rest| rest.starts_with('/')) && !to.split('/').any(|part| part == "." || part == "..")
}

/// The files below a folder, by their paths in it, ascending. Links are followed to files, and never to folders.
fn files_below(folder: &Path) -> Result<Vec<String>, Fault> {
    let (mut found, mut next) = (Vec::new(), vec![String::new()]);
    while let Some(below) = next.pop() {
        for entry in fs::read_dir(folder.join(&below))? {
            let entry = entry?;
            let name = entry.file_name().into_string();
            let name = name.map_err(|name| Fault::Never(format!("{} is no name in UTF-8", name.display())))?;
            let path = if below.is_empty() { name } else { format!("{below}/{name}") };
            match entry.file_type()?.is_dir() {
                true => next.push(path),
                false if entry.path().is_file() => found.push(path),
                // A link to nothing, a socket, a pipe.
                false => {}
            }
            if found.len() > FILES_MOST {
                return Err(Fault::Never(format!("it has more than {FILES_MOST} files: deliver an archive of it")));
            }
        }
    }
    found.sort_unstable();
    Ok(found)
}

/// What of an object's parts a store has taken.
#[derive(Default)]
struct Upload {
    id: String,
    tags: Vec<String>,
}

/// How far it is: bytes, and of how many.
type Far<'a> = dyn Fn(u64, u64) + 'a;

fn send(path: &Path, to: &str, upload: &mut Upload, unwanted: &AtomicBool, far: &Far) -> Result<(), Fault> {
    let file = File::open(path).map_err(|error| Fault::Never(error.to_string()))?;
    let size = file.metadata()?.len();
    if !to.contains("://") {
        return copy(file, Path::new(to), unwanted, &|bytes| far(bytes, size));
    }
    if !to.starts_with(s3::SCHEME) {
        return put(to, to, file, size, unwanted, &|bytes| far(bytes, size)).map(drop);
    }
    let object = Object::at(to).map_err(Fault::Never)?;
    if size <= PART {
        return put(&object.put(), to, file, size, unwanted, &|bytes| far(bytes, size)).map(drop);
    }
    in_parts(&object, to, file, size, upload, unwanted, far)
}

/// Whole or not at all, as whoever reads there sees it.
fn copy(from: File, to: &Path, unwanted: &AtomicBool, far: &dyn Fn(u64)) -> Result<(), Fault> {
    let never = |error: io::Error| Fault::Never(format!("{}: {error}", to.display()));
    fs::create_dir_all(to.parent().unwrap_or(to)).map_err(never)?;
    let mut name = to.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    let part = to.with_file_name(name);
    let mut new = File::create(&part).map_err(never)?;
    let mut source = Counted::new(from, unwanted, far);
    let copied = io::copy(&mut source, &mut new).and_then(|_| new.sync_all()).and_then(|()| fs::rename(&part, to));
    if copied.is_err() {
        let _ = fs::remove_file(&part);
    }
    check(unwanted)?;
    Ok(copied?)
}

/// Puts what is left of a reader, which is so many bytes; `told` is how the address is told. Returns the tag that the other side gives.
fn put(url: &str, told: &str, from: impl Read, size: u64, unwanted: &AtomicBool, far: &dyn Fn(u64)) -> Result<String, Fault> {
    let mut source = Counted::new(from.take(size), unwanted, far);
    let request = client().put(url).header("content-length", size.to_string());
    let answer = request.send(ureq::SendBody::from_reader(&mut source));
    check(unwanted)?;
    // What signs an address stays here.
    let mut answer = answer.map_err(|error| Fault::Again(error.to_string().replace(url, told)))?;
    let tag = answer.headers().get("etag").and_then(|tag| tag.to_str().ok()).unwrap_or_default().to_owned();
    let code = answer.status().as_u16();
    let said = answer.body_mut().read_to_string().unwrap_or_default();
    status(told, code).map_err(|fault| because(fault, &said)).map(|()| tag)
}

/// With the store's own word for what is wrong, where it says one.
fn because(fault: Fault, said: &str) -> Fault {
    let code = said.split_once("<Code>").and_then(|(_, rest)| rest.split_once("</Code>")).map(|(code, _)| code);
    match (fault, code.filter(|code| code.len() < 80)) {
        (Fault::Again(told), Some(code)) => Fault::Again(format!("{told} ({code})")),
        (Fault::Never(told), Some(code)) => Fault::Never(format!("{told} ({code})")),
        (fault, _) => fault,
    }
}

fn in_parts(
    object: &Object,
    to: &str,
    mut file: File,
    size: u64,
    upload: &mut Upload,
    unwanted: &AtomicBool,
    far: &Far,
) -> Result<(), Fault> {
    let post = |url: String, body: String| -> Result<String, Fault> {
        let answer = client().post(&url).header("content-type", "application/xml").send(body);
        let mut answer = answer.map_err(|error| Fault::Again(error.to_string().replace(&url, to)))?;
        let code = answer.status().as_u16();
        let said = answer.body_mut().read_to_string().map_err(|error| Fault::Again(error.to_string()))?;
        status(to, code).map_err(|fault| because(fault, &said))?;
        Ok(said)
    };
    let each = PART.max(size.div_ceil(PARTS_MOST));
    if upload.id.is_empty() {
        upload.id = Object::begun(&post(object.begin(), String::new())?).map_err(Fault::Again)?;
    }
    while (upload.tags.len() as u64) * each < size {
        let (from, number) = (upload.tags.len() as u64 * each, upload.tags.len() as u16 + 1);
        file.seek(SeekFrom::Start(from))?;
        let length = each.min(size - from);
        let url = object.part(&upload.id, number);
        let tag = put(&url, to, &mut file, length, unwanted, &|bytes| far(from + bytes, size))?;
        upload.tags.push(tag);
    }
    let (url, body) = object.complete(&upload.id, &upload.tags);
    let said = post(url, body)?;
    // A store may say only now that something is wrong, in an answer that began well.
    if said.contains("<Error>") {
        return Err(because(Fault::Again(format!("{to} cannot be put together")), &said));
    }
    Ok(())
}

/// A reader that says how far it is, and ends when nobody wants it any more.
struct Counted<'a, R> {
    from: R,
    bytes: u64,
    told: Instant,
    unwanted: &'a AtomicBool,
    far: &'a dyn Fn(u64),
}

impl<'a, R> Counted<'a, R> {
    fn new(from: R, unwanted: &'a AtomicBool, far: &'a dyn Fn(u64)) -> Counted<'a, R> {
        Counted { from, bytes: 0, told: Instant::now(), unwanted, far }
    }
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if check(self.unwanted).is_err() {
            return Err(io::Error::other("not wanted any more"));
        }
        let read = self.from.read(buffer)?;
        self.bytes += read as u64;
        if self.told.elapsed() >= TOLD_EVERY {
            self.told = Instant::now();
            (self.far)(self.bytes);
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delivered(folder: &Path, path: &str, to: &str) -> Result<(), String> {
        let outputs = vec![Output { path: path.to_owned(), to: to.to_owned() }];
        let (folder, tenant) = (folder.to_owned(), "llm-lab".to_owned());
        let delivery = Delivery { folder, outputs, tenant, stores: vec!["s3://results/{tenant}/".to_owned()] };
        deliver(&delivery, &AtomicBool::new(false), &|_| {})
    }

    #[test]
    fn files_and_folders_go_to_a_path_of_the_site() {
        let (own, site) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::create_dir_all(own.path().join("run/logs")).unwrap();
        fs::write(own.path().join("model.pt"), "weights").unwrap();
        fs::write(own.path().join("run/logs/1"), "one").unwrap();
        std::os::unix::fs::symlink("/etc", own.path().join("run/elsewhere")).unwrap();
        let to = |name: &str| site.path().join(name).display().to_string();
        delivered(own.path(), "model.pt", &format!("{}/", to("results"))).unwrap();
        delivered(own.path(), "model.pt", &to("results/best.pt")).unwrap();
        delivered(own.path(), "run", &to("whole")).unwrap();
        let read = |name: &str| fs::read_to_string(to(name)).unwrap();
        assert_eq!(
            (read("results/model.pt"), read("results/best.pt"), read("whole/logs/1")),
            ("weights".into(), "weights".into(), "one".into())
        );
        assert!(!site.path().join("whole/elsewhere").exists(), "links lead nowhere else");
        let missing = delivered(own.path(), "nothing", &to("x")).unwrap_err();
        assert!(missing.starts_with("nothing to ") && missing.contains("No such file"), "{missing}");
    }

    #[test]
    fn a_real_rsync_daemon_takes_a_folder_as_it_is() {
        let (own, taken) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::create_dir_all(own.path().join("run/logs")).unwrap();
        fs::write(own.path().join("run/logs/1"), "one").unwrap();
        let daemon = crate::data::test::Daemon::start(taken.path());
        let to = format!("rsync://127.0.0.1:{}/files/whole", daemon.port);
        delivered(own.path(), "run", &to).unwrap();
        delivered(own.path(), "run", &to).unwrap();
        assert_eq!(fs::read_to_string(taken.path().join("whole/logs/1")).unwrap(), "one");
        let told = delivered(own.path(), "run", &to.replace("files", "nowhere")).unwrap_err();
        assert!(told.contains("Unknown module"), "{told}");
    }

    #[test]
    fn keys_of_a_site_are_used_where_its_provider_says_so() {
        let within = |to: &str| within(to, "s3://results/{tenant}/", "llm-lab");
        assert!(within("s3://results/llm-lab/model.pt"));
        assert!(
            !within("s3://results/llm-labor/model.pt")
                && !within("s3://results/speech/model.pt")
                && !within("s3://results/llm-lab")
        );
        assert!(!within("s3://results/llm-lab/../speech/model.pt"));
        let own = tempfile::tempdir().unwrap();
        fs::write(own.path().join("model.pt"), "weights").unwrap();
        let told = delivered(own.path(), "model.pt", "s3://results/speech/").unwrap_err();
        assert!(told.contains("this site's keys are not for that"), "{told}");
    }
}
