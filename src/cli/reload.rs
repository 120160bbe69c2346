//! The next edition: built beside the one that is served when the files have changed, and put in its place.

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use tokio::{
    signal::unix::Signal,
    task::spawn_blocking,
    time::{Interval, MissedTickBehavior, interval},
};

use crate::{
    diagnostic::{Diagnostic, Severity, has_errors},
    edition::{BuildError, Edition},
    engine::{Isolation, Limits},
    http::{AppState, Live},
    query::QueryBook,
    rdf::iri::Iris,
};

/// How often the files are looked at.
pub(crate) const LOOK: Duration = Duration::from_secs(1);

/// How deep folders are looked into; nothing that is read lies deeper.
const DEPTH: usize = 8;

/// All that an edition is made from, and how it is served.
#[derive(Debug, Clone)]
pub(crate) struct Sources {
    pub(crate) graph: GraphSource,
    pub(crate) queries: PathBuf,
    pub(crate) limits: Limits,
    pub(crate) isolation: Isolation,
    /// Bytes of answers that each edition keeps.
    pub(crate) cache: u64,
}

/// Where the graph comes from.
#[derive(Debug, Clone)]
pub(crate) enum GraphSource {
    /// A data folder, and what the addresses begin with.
    Folder {
        /// Where it is.
        data: PathBuf,
        /// What the addresses begin with.
        base: Iris,
    },
    /// An edition file.
    File(PathBuf),
}

impl GraphSource {
    /// Builds or opens the edition, with the warnings and notes that gave.
    fn edition(&self) -> Result<(Edition, Vec<Diagnostic>), String> {
        match self {
            Self::Folder { data, base } => match Edition::build(data, base.clone()) {
                Err(BuildError::Refused(diagnostics)) => Err(log(&diagnostics)),
                built => built.map_err(|error| error.to_string()),
            },
            Self::File(path) => {
                Edition::open(path).map(|edition| (edition, Vec::new())).map_err(|error| error.to_string())
            }
        }
    }
}

/// What came of reading the files again.
enum Next {
    Same,
    Built(AppState),
}

impl Sources {
    /// Keeps what is served as new as the files, for ever: reads them when a signal comes and, with a watch, when they
    /// have changed.
    ///
    /// What comes while an edition is built leads to one more build, after it.
    pub(crate) async fn follow(self, live: Live, mut served: AppState, mut hangup: Signal, mut watch: Option<Watch>) {
        loop {
            let changed = async {
                match &mut watch {
                    Some(watch) => watch.changed().await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                received = hangup.recv() => if received.is_none() { return },
                () = changed => {}
            }
            tracing::info!("reading the files again");
            match self.next(&served).await {
                Ok(Next::Same) => {
                    live.keep();
                    tracing::info!("the files say what is served already");
                }
                Ok(Next::Built(next)) => {
                    let old = (live.replace(next.clone()), std::mem::replace(&mut served, next));
                    tracing::info!(digest = live.status().digest, "the new edition is served");
                    verify(&live, &served);
                    // Frees a whole graph, unless a request is still at work on it.
                    spawn_blocking(move || drop(old));
                }
                Err(why) => {
                    tracing::error!(why, "the new files are refused; the edition before stays");
                    live.refuse(why);
                }
            }
        }
    }

    /// Builds away from the threads that serve; the worker processes are ready when it is done.
    async fn next(&self, served: &AppState) -> Result<Next, String> {
        let (sources, served) = (self.clone(), served.clone());
        let build = move || {
            let (edition, book) = sources.read()?;
            if served.is_same(&edition, &book) {
                return Ok(Next::Same);
            }
            let state = AppState::new(edition, book, sources.limits, Some(&sources.isolation));
            // Budgets and figures outlive an edition; its answers do not.
            let state = state.map(|state| state.with_operations(served.operations()).with_cache(sources.cache));
            state.map(Next::Built).map_err(|error| error.to_string())
        };
        let next = spawn_blocking(build).await.map_err(|error| format!("the build failed: {error}"))??;
        if let Next::Built(state) = &next {
            state.ready().await.map_err(|error| error.to_string())?;
        }
        Ok(next)
    }

    fn read(&self) -> Result<(Edition, QueryBook), String> {
        let (edition, mut diagnostics) = self.graph.edition()?;
        let (book, of_queries) = QueryBook::load(&self.queries);
        diagnostics.extend(of_queries);
        // The examples of parameters are of a catalogue.
        if !edition.is_foreign() {
            diagnostics.extend(book.check(&edition.catalogue, &edition.iris));
        }
        let first = log(&diagnostics);
        if has_errors(&diagnostics) { Err(first) } else { Ok((edition, book)) }
    }
}

/// Reads an edition's file to its end, beside everything else. With a damaged one the server is not ready any more.
pub(crate) fn verify(live: &Live, state: &AppState) {
    let (live, state) = (live.clone(), state.clone());
    if state.edition.dataset.words().is_none() {
        tracing::warn!(
            "no index of words that this program can use, so a search reads every text: make the edition again with ocm build"
        );
    }
    spawn_blocking(move || {
        if let Err(error) = state.verify() {
            let why = format!("{error}; then SIGHUP");
            tracing::error!(why, "the edition that is served cannot be trusted");
            live.condemn(state.digest(), why);
        }
    });
}

/// Logs each diagnostic, and gives the first error with the number of the others, in one line.
fn log(diagnostics: &[Diagnostic]) -> String {
    for diagnostic in diagnostics {
        match diagnostic.severity {
            Severity::Error => tracing::error!("{diagnostic}"),
            Severity::Warning => tracing::warn!("{diagnostic}"),
            Severity::Note => tracing::info!("{diagnostic}"),
        }
    }
    let mut errors = diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error);
    let first = errors.next().map(|error| format!("{}: {}", error.place, error.message)).unwrap_or_default();
    match errors.count() {
        0 => first,
        more => format!("{first} (and {more} more)"),
    }
}

/// Looks at the times and sizes of files, again and again.
///
/// Not the kernel's notifications: those do not come from network file systems, nor through a folder that is replaced
/// as a whole, and a catalogue has some hundred files.
#[derive(Debug)]
pub(crate) struct Watch {
    folders: Vec<PathBuf>,
    looks: Interval,
    /// As they were when they were last read.
    read: Files,
    /// As they were at the last look.
    seen: Files,
}

/// Path, time of change and size of every file, in order.
type Files = Vec<(PathBuf, Option<SystemTime>, u64)>;

impl Watch {
    /// Takes the files as read: call it before reading them.
    pub(crate) fn start(folders: Vec<PathBuf>, every: Duration) -> Self {
        let mut looks = interval(every);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let now = files(&folders);
        Self { folders, looks, read: now.clone(), seen: now }
    }

    /// Done when the files have changed since they were last read and have then kept still from one look to the next:
    /// somebody who is writing several is not to be interrupted.
    async fn changed(&mut self) {
        loop {
            self.looks.tick().await;
            let folders = self.folders.clone();
            let Ok(now) = spawn_blocking(move || files(&folders)).await else { continue };
            let still = now == self.seen;
            self.seen = now;
            if still && self.seen != self.read {
                self.read.clone_from(&self.seen);
                return;
            }
        }
    }
}

fn files(folders: &[PathBuf]) -> Files {
    let mut found = Vec::new();
    for path in folders {
        match fs::metadata(path) {
            Ok(metadata) if metadata.is_file() => found.push((path.clone(), metadata.modified().ok(), metadata.len())),
            _ => collect(path, DEPTH, &mut found),
        }
    }
    found.sort();
    found
}

/// What cannot be read is left out here; the build says so.
fn collect(folder: &Path, depth: usize, found: &mut Files) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        match fs::metadata(&path) {
            Ok(metadata) if metadata.is_dir() && depth > 0 => collect(&path, depth - 1, found),
            Ok(metadata) => found.push((path, metadata.modified().ok(), metadata.len())),
            Err(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn files_are_read_again_when_they_have_come_to_rest() {
        let look = Duration::from_millis(5);
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("sub")).unwrap();
        let mut watch = Watch::start(vec![folder.path().into()], look);
        let quiet = tokio::time::timeout(10 * look, watch.changed()).await;
        assert!(quiet.is_err(), "nothing has changed");
        let file = folder.path().join("sub").join("a.toml");
        fs::write(&file, "a").unwrap();
        watch.changed().await;
        assert_eq!(watch.read.len(), 1);
        let quiet = tokio::time::timeout(10 * look, watch.changed()).await;
        assert!(quiet.is_err(), "one change is told once");
        fs::remove_file(&file).unwrap();
        watch.changed().await;
        assert_eq!(watch.read, []);
    }
}
