//! The files change under a running server: the next edition takes over whole, or not at all.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use tempfile::TempDir;

use crate::support::{
    copy, fixture_copy, repository,
    server::{Server, eventually},
};

const TITLES: &str = "SELECT ?a ?b { <https://w3id.org/ocm/resource/quiet-archive> dcterms:title ?a . \
    <https://w3id.org/ocm/resource/harbour-stories> dcterms:title ?b }";

/// A server with files of its own.
struct Case {
    folder: TempDir,
    server: Server,
}

impl Case {
    fn start(more: &[&str]) -> Self {
        let folder = fixture_copy();
        let queries = folder.path().join("queries");
        copy(&repository("queries"), &queries);
        let server = Server::start(&folder.path().join("data"), &queries, more);
        Self { folder, server }
    }

    fn file(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    /// Gives a record or the dataset another title.
    fn rename(&self, path: &str, title: &str) {
        set_title(&self.file(path), title);
    }

    fn titles(&self) -> String {
        let (status, body) = self.server.query(&format!("PREFIX dcterms: <http://purl.org/dc/terms/> {TITLES}"));
        assert_eq!(status, 200, "{body}");
        body.lines().nth(1).unwrap().to_owned()
    }

    /// The title and the digest on the home page.
    fn home(&self) -> (String, String) {
        let (status, page) = self.server.get("/", "text/html");
        assert_eq!(status, 200, "{page}");
        let between = |from: &str, to: &str| page.split_once(from).unwrap().1.split_once(to).unwrap().0.to_owned();
        (between("<h1>", "</h1>"), between("Edition ", "</p>"))
    }
}

fn set_title(file: &Path, title: &str) {
    let text = fs::read_to_string(file).unwrap();
    let lines = text
        .lines()
        .map(|line| if line.starts_with("title = ") { format!("title = \"{title}\"\n") } else { format!("{line}\n") });
    fs::write(file, lines.collect::<String>()).unwrap();
}

const QUIET: &str = "data/resources/quiet-archive.toml";
const HARBOUR: &str = "data/resources/harbour-stories.toml";

#[test]
fn a_hangup_serves_the_changed_files_and_leaves_nothing_behind() {
    let mut case = Case::start(&[]);
    let (before, workers) = (case.home(), case.server.children());
    assert!(workers.len() >= 2);
    assert_eq!(case.server.temporary_files(), 1);

    case.rename(QUIET, "The Loud Archive");
    case.server.signal("HUP");
    eventually("the new title is served", || case.titles().starts_with("The Loud Archive,"));
    assert_ne!(case.home().1, before.1);

    // New processes have taken over, and the old ones, with their file, have gone.
    eventually("the old workers have ended", || {
        let now = case.server.children();
        now.len() == workers.len()
            && now.iter().all(|child| !workers.contains(child))
            && case.server.temporary_files() == 1
    });

    // Nothing has changed: nothing is replaced.
    let workers = case.server.children();
    case.server.signal("HUP");
    eventually("the files were read again", || case.server.log().contains("the files say what is served already"));
    assert_eq!(case.server.children(), workers);

    case.server.signal("TERM");
    assert!(case.server.ended());
    assert_eq!(case.server.temporary_files(), 0);
    eventually("no worker is left", || {
        workers.iter().all(|worker| {
            let command = fs::read_to_string(format!("/proc/{worker}/cmdline")).unwrap_or_default();
            !command.contains("query-worker")
        })
    });
}

#[test]
fn files_with_errors_leave_the_old_edition_in_place() {
    let case = Case::start(&[]);
    let (before, titles, workers) = (case.home(), case.titles(), case.server.children());
    let sound = fs::read_to_string(case.file(QUIET)).unwrap();

    fs::write(case.file(QUIET), sound.replace("completeness = \"partial\"", "completeness = \"perhaps\"")).unwrap();
    case.server.signal("HUP");
    eventually("the refusal is logged", || case.server.log().contains("the new files are refused"));
    let log = case.server.log();
    assert!(log.contains("quiet-archive.toml:3") && log.contains("perhaps"), "{log}");
    assert_eq!((case.home(), case.titles(), case.server.children()), (before.clone(), titles, workers));

    // A query with a mistake is refused in the same way.
    fs::write(case.file(QUIET), sound).unwrap();
    fs::write(case.file("queries/broken.rq"), "#+ title: Broken\nSELECT * WHERE {").unwrap();
    case.server.signal("HUP");
    eventually("the refusal is logged", || case.server.log().matches("the new files are refused").count() == 2);
    assert!(case.server.log().contains("broken.rq"));
    assert_eq!(case.home(), before);

    // And once it is mended, there is a way forward.
    fs::remove_file(case.file("queries/broken.rq")).unwrap();
    case.rename(QUIET, "The Mended Archive");
    case.server.signal("HUP");
    eventually("the mended files are served", || case.titles().starts_with("The Mended Archive,"));
}

#[test]
fn a_query_that_has_changed_is_served_though_the_graph_is_the_same() {
    let case = Case::start(&["--watch"]);
    let digest = case.home().1;
    let file = case.file("queries/targets.rq");
    let text = fs::read_to_string(&file).unwrap();
    let title = text.lines().find(|line| line.starts_with("#+ title:")).unwrap();
    fs::write(&file, text.replace(title, "#+ title: Which targets, told anew?")).unwrap();
    // Nobody sends a signal: the files are watched.
    eventually("the new title is served", || case.server.get("/queries", "text/html").1.contains("told anew?"));
    assert_eq!(case.home().1, digest);
}

#[test]
fn every_request_sees_one_edition_while_five_take_over() {
    let case = Case::start(&[]);
    let workers = case.server.children().len();
    let done = AtomicBool::new(false);
    let pages = thread::scope(|scope| {
        let ask_pages = || {
            let mut seen = BTreeMap::new();
            while !done.load(Ordering::Relaxed) {
                let (title, digest) = case.home();
                let first = seen.entry(title.clone()).or_insert_with(|| digest.clone());
                assert_eq!(*first, digest, "two digests for \"{title}\"");
            }
            seen
        };
        let ask_queries = || {
            while !done.load(Ordering::Relaxed) {
                let titles = case.titles();
                let (a, b) = titles.split_once(',').unwrap();
                assert_eq!(a.rsplit(' ').next() == b.rsplit(' ').next(), titles.contains("Edition"), "{titles}");
            }
        };
        let pages = scope.spawn(ask_pages);
        scope.spawn(ask_queries);
        // Whatever fails here, the others must be told to stop.
        let stop = Stop(&done);
        for n in 1..=5 {
            case.rename(QUIET, &format!("Quiet Edition {n}"));
            case.rename(HARBOUR, &format!("Harbour Edition {n}"));
            case.rename("data/dataset.toml", &format!("Catalogue {n}"));
            case.server.signal("HUP");
            eventually("the next edition is served", || case.home().0 == format!("Catalogue {n}"));
        }
        drop(stop);
        pages.join().unwrap()
    });
    let digests: std::collections::BTreeSet<_> = pages.values().collect();
    assert_eq!(digests.len(), pages.len(), "two titles with one digest: {pages:?}");
    eventually("only the last edition's workers are left", || case.server.children().len() == workers);
    eventually("only the last edition's file is left", || case.server.temporary_files() == 1);
}

struct Stop<'a>(&'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
