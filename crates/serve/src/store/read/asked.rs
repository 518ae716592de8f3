//! Finding who asked for what.

use measure::Time;

use super::Reader;
use crate::store::sql::{Value, values};
use crate::store::{Asked, StoreFault};

/// Which requests to list, newest first.
#[derive(Debug, Clone)]
pub(crate) struct AskedPage {
    pub(crate) token: Option<i64>,
    pub(crate) role: Option<String>,
    pub(crate) subject: Option<String>,
    /// What its path begins with.
    pub(crate) path: Option<String>,
    /// The entry that it brought about.
    pub(crate) entry: Option<u64>,
    pub(crate) refused: bool,
    pub(crate) from: Option<Time>,
    pub(crate) until: Option<Time>,
    /// Only rows before this one.
    pub(crate) before: Option<i64>,
    pub(crate) limit: u32,
}

impl Reader {
    /// A page of the log of who did what.
    pub(crate) fn asked(&self, page: &AskedPage) -> Result<Vec<Asked>, StoreFault> {
        let mut all = values![page.before.unwrap_or(i64::MAX)].to_vec();
        let mut conditions = vec!["id < ?1".to_owned()];
        let mut when = |condition: &str, value: Value| {
            all.push(value);
            conditions.push(condition.replace('?', &format!("?{}", all.len())));
        };
        let texts = [("role = ?", &page.role), ("subject = ?", &page.subject)];
        for (condition, wanted) in texts {
            if let Some(wanted) = wanted {
                when(condition, wanted.into());
            }
        }
        if let Some(path) = &page.path {
            let plain = path.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
            when("path LIKE ? ESCAPE '\\'", format!("{plain}%").into());
        }
        if let Some(token) = page.token {
            when("token = ?", token.into());
        }
        if let Some(entry) = page.entry {
            // A row's entries are its own, so that only the last one that begins before can hold it.
            let last = "id = (SELECT id FROM audit WHERE first <= ? AND first IS NOT NULL ORDER BY first DESC LIMIT 1)";
            when(last, entry.cast_signed().into());
            when("last >= ?", entry.cast_signed().into());
        }
        if let Some(from) = page.from {
            when("at >= ?", from.into());
        }
        if let Some(until) = page.until {
            when("at < ?", until.into());
        }
        if page.refused {
            when("status >= ?", 400_i64.into());
        }
        all.push(i64::from(page.limit).into());
        let sql = format!(
            "SELECT id, at, token, role, subject, method, path, status, first, last, made FROM audit WHERE {} ORDER BY id DESC LIMIT ?{}",
            conditions.join(" AND "),
            all.len()
        );
        self.with(|database| {
            database.all(&sql, &all, |row| {
                let entries = row.get::<Option<i64>>(8)?.zip(row.get::<Option<i64>>(9)?);
                Ok(Asked {
                    id: row.get(0)?,
                    at: row.get(1)?,
                    token: row.get(2)?,
                    role: row.get(3)?,
                    subject: row.get(4)?,
                    method: row.get(5)?,
                    path: row.get(6)?,
                    status: row.get(7)?,
                    entries: entries.map(|(first, last)| (first.cast_unsigned(), last.cast_unsigned())),
                    made: row.get(10)?,
                })
            })
        })
    }
}
