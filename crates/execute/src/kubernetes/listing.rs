//! What a watch lists when it begins anew, as it does after a break or a 410: what is not listed then is there no more.

use std::collections::BTreeSet;

use kube::ResourceExt;
use kube::runtime::watcher;

/// What is listed, by uid and name.
#[derive(Default)]
pub(super) struct Listed {
    pub(super) uids: BTreeSet<String>,
    pub(super) names: BTreeSet<String>,
}

/// What a watch tells: objects that are, and names of those that are no more.
pub(super) enum Change<K> {
    Is(K),
    IsNot(K),
    /// Everything is listed; what is not among it is no more.
    Listed(Listed),
    Nothing,
}

/// What a watch lists when it begins anew: what is not among it is there no more.
#[derive(Default)]
pub(super) struct Listing {
    listed: Option<Listed>,
    /// It has been listed once.
    pub(super) known: bool,
}

impl Listing {
    pub(super) fn take<K: ResourceExt>(&mut self, event: watcher::Event<K>) -> Change<K> {
        match event {
            watcher::Event::Apply(object) => Change::Is(object),
            watcher::Event::Delete(object) => Change::IsNot(object),
            watcher::Event::Init => {
                self.listed = Some(Listed::default());
                Change::Nothing
            }
            watcher::Event::InitApply(object) => {
                let listed = self.listed.get_or_insert_default();
                listed.uids.insert(object.uid().unwrap_or_default());
                listed.names.insert(object.name_any());
                Change::Is(object)
            }
            watcher::Event::InitDone => {
                self.known = true;
                Change::Listed(self.listed.take().unwrap_or_default())
            }
        }
    }
}
