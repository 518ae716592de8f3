//! The jobs of a hub by their number: counted ids, so a table in pages serves better than a tree.

use std::ops::Index;

use measure::JobId;

use crate::ahead;
use crate::hub::Job;

/// Jobs of a page.
const PAGE: usize = 64;

#[derive(Debug, Clone)]
struct Page {
    used: u32,
    jobs: [Option<Job>; PAGE],
}

/// Live jobs in the order of their ids. What has left leaves no trace but a pointer for each page of jobs.
#[derive(Debug, Clone, Default)]
pub struct Jobs {
    pages: Vec<Option<Box<Page>>>,
    len: usize,
}

fn place(id: JobId) -> (usize, usize) {
    let id = usize::try_from(id.0).expect("a job's number fits a word");
    (id / PAGE, id % PAGE)
}

impl Jobs {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// A job.
    pub fn get(&self, id: &JobId) -> Option<&Job> {
        let (page, at) = place(*id);
        self.pages.get(page)?.as_ref()?.jobs[at].as_ref()
    }

    pub(crate) fn get_mut(&mut self, id: &JobId) -> Option<&mut Job> {
        let (page, at) = place(*id);
        self.pages.get_mut(page)?.as_mut()?.jobs[at].as_mut()
    }

    /// Whether a job is there.
    pub fn contains_key(&self, id: &JobId) -> bool {
        self.get(id).is_some()
    }

    /// A job is going to be looked at.
    pub(crate) fn ask_for(&self, id: &JobId) {
        let (page, at) = place(*id);
        if let Some(Some(page)) = self.pages.get(page) {
            ahead::ask_for(&page.jobs[at]);
        }
    }

    pub(crate) fn insert(&mut self, id: JobId, job: Job) {
        let (page, at) = place(id);
        if self.pages.len() <= page {
            self.pages.resize_with(page + 1, || None);
        }
        let page = self.pages[page].get_or_insert_with(|| Box::new(Page { used: 0, jobs: [const { None }; PAGE] }));
        if page.jobs[at].replace(job).is_none() {
            page.used += 1;
            self.len += 1;
        }
    }

    pub(crate) fn remove(&mut self, id: &JobId) -> Option<Job> {
        let (page, at) = place(*id);
        let slot = self.pages.get_mut(page)?;
        let page = slot.as_mut()?;
        let job = page.jobs[at].take()?;
        page.used -= 1;
        self.len -= 1;
        if page.used == 0 {
            *slot = None;
        }
        Some(job)
    }

    /// From a job on, in the order of ids.
    pub fn from(&self, id: JobId) -> impl Iterator<Item = (JobId, &Job)> {
        let (first, at) = place(id);
        let pages = self.pages.iter().enumerate().skip(first).filter_map(|(number, page)| Some((number, page.as_ref()?)));
        pages.flat_map(move |(number, page)| {
            let skip = if number == first { at } else { 0 };
            let jobs = page.jobs.iter().enumerate().skip(skip);
            jobs.filter_map(move |(at, job)| Some((JobId((number * PAGE + at) as u64), job.as_ref()?)))
        })
    }

    /// All, in the order of ids.
    pub fn iter(&self) -> impl Iterator<Item = (JobId, &Job)> {
        self.from(JobId(0))
    }

    /// Their ids, ascending.
    pub fn keys(&self) -> impl Iterator<Item = JobId> {
        self.iter().map(|(id, _)| id)
    }

    /// All without their ids.
    pub fn values(&self) -> impl Iterator<Item = &Job> {
        self.iter().map(|(_, job)| job)
    }

    /// The last one.
    pub fn last(&self) -> Option<JobId> {
        let (number, page) = self.pages.iter().enumerate().rev().find_map(|(number, page)| Some((number, page.as_ref()?)))?;
        let at = page.jobs.iter().rposition(Option::is_some)?;
        Some(JobId((number * PAGE + at) as u64))
    }
}

impl Index<&JobId> for Jobs {
    type Output = Job;
    fn index(&self, id: &JobId) -> &Job {
        self.get(id).expect("the job is there")
    }
}

impl Index<JobId> for Jobs {
    type Output = Job;
    fn index(&self, id: JobId) -> &Job {
        &self[&id]
    }
}

impl PartialEq for Jobs {
    /// Pages that are gone and pages that never were are the same.
    fn eq(&self, other: &Jobs) -> bool {
        self.len == other.len && self.iter().eq(other.iter())
    }
}

impl Eq for Jobs {}
