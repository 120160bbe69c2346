//! The parts of an answer, each timed by itself: `cargo bench`, or `cargo bench -- answer/07` for some.
//!
//! `OCM_RESOURCES` says how many invented resources there are; 1,000 unless it does.

use std::{env, error::Error, fs, hint::black_box, io, path::Path};

use criterion::{BenchmarkId, Criterion, Throughput};
use ocm_graph::{
    dataset::{Dataset, RdfFile},
    edition::Edition,
    engine::{DatasetSpec, Engine, Format, Limits, Shape, Watch, on_brief_threads},
    generate,
    rdf::iri::Iris,
};
use oxigraph::{
    io::RdfFormat,
    model::{NamedNode, TermRef},
    sparql::results::QueryResultsFormat,
};
use tokio::runtime;

fn main() -> Result<(), Box<dyn Error>> {
    let mut builder = runtime::Builder::new_multi_thread();
    // Where queries are answered on a server: on threads with large stacks.
    let runtime = on_brief_threads(builder.worker_threads(1)).build()?;
    runtime.block_on(runtime.spawn(async { run().map_err(|error| error.to_string()) }))??;
    Ok(())
}

fn run() -> Result<(), Box<dyn Error>> {
    let resources = env::var("OCM_RESOURCES").map_or(Ok(1000), |number| number.parse())?;
    let folder = tempfile::tempdir()?;
    let triples = folder.path().join("generated.nt");
    write_triples(resources, &triples)?;
    let mut criterion = Criterion::default().configure_from_args();
    let dataset = of_dataset(&mut criterion, &triples, folder.path())?;
    of_queries(&mut criterion, &dataset)?;
    criterion.final_summary();
    Ok(())
}

fn write_triples(resources: usize, path: &Path) -> Result<(), Box<dyn Error>> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("data");
    let (edition, _) = Edition::build(&data, Iris::default())?;
    let mut file = io::BufWriter::new(fs::File::create(path)?);
    generate::write(&edition.catalogue, &edition.iris, (resources, 1), RdfFormat::NTriples, &mut file)?;
    Ok(())
}

/// Building, writing, opening, and looking things up.
fn of_dataset(criterion: &mut Criterion, triples: &Path, folder: &Path) -> Result<Dataset, Box<dyn Error>> {
    let files = [RdfFile { path: triples.to_owned(), graph: None }];
    let dataset = Dataset::read(&files, &|_| {})?;
    let path = folder.join("edition.ocm");
    dataset.write(&path)?;

    let mut group = criterion.benchmark_group("dataset");
    group.sample_size(10);
    group.throughput(Throughput::Elements(dataset.triples() as u64));
    group.bench_function("build", |b| b.iter(|| Dataset::read(&files, &|_| {})));
    group.bench_function("write", |b| b.iter(|| dataset.write(&path)));
    group.throughput(Throughput::Elements(1));
    group.bench_function("open", |b| b.iter(|| Dataset::open(&path)));
    let opened = Dataset::open(&path)?;
    group.bench_function("verify", |b| b.iter(|| opened.verify()));
    let title = NamedNode::new("http://purl.org/dc/terms/title")?;
    group.bench_function("term to number", |b| b.iter(|| opened.id(TermRef::from(black_box(&title)))));
    let middle = opened.terms() / 2;
    group.bench_function("number to term", |b| b.iter(|| opened.term(black_box(middle))));
    group.bench_function("triples of a subject", |b| b.iter(|| opened.spo().of(black_box(middle)).len()));
    group.finish();
    Ok(opened)
}

/// Reading, planning and answering the questions of `bench/compare`.
fn of_queries(criterion: &mut Criterion, dataset: &Dataset) -> Result<(), Box<dyn Error>> {
    let engine = Engine::new(dataset, Limits::default());
    let everything = DatasetSpec::default();
    let mut questions = Vec::new();
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("bench/queries"))? {
        let path = entry?.path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        questions.push((name, fs::read_to_string(&path)?));
    }
    questions.sort();
    for (part, name, text) in
        ["read", "plan", "answer"].iter().flat_map(|p| questions.iter().map(move |(n, t)| (p, n, t)))
    {
        let prepared = engine.prepare(text, None)?;
        let format = match prepared.shape() {
            Shape::Table | Shape::Boolean => Format::Table(QueryResultsFormat::Json),
            Shape::Graph => Format::Graph(RdfFormat::NTriples),
        };
        criterion.bench_with_input(BenchmarkId::new(*part, name), text, |b, text| match *part {
            "read" => b.iter(|| engine.prepare(text, None)),
            "plan" => b.iter(|| engine.plan_if_light(prepared.clone(), &everything)),
            _ => b.iter(|| engine.answer(&prepared, &everything, format, &Watch::unlimited())),
        });
    }
    Ok(())
}
