//! Records as the text of the files they are read from. Equal records give equal bytes.

use std::fmt::Write;

use crate::model::{AgentKind, Indicator, LanguageTag, Resource, ResourceType};

/// The text of `resources/SLUG.toml`; [`super::load`] reads it back as the same record.
///
/// What a record does not have is left out:
///
/// ```toml
/// title = "On ponds"
/// page = "https://example.org/documents/on-ponds"
/// completeness = "complete"
/// wording = "page"
///
/// [[alignments]]
/// target = "6.6"
/// ```
#[must_use]
pub fn resource_toml(resource: &Resource) -> String {
    let Resource {
        // The name of the file.
        slug: _,
        title,
        page,
        other_pages,
        year,
        wording,
        prose_language,
        audience,
        description,
        creators_as_printed,
        creators,
        quotations,
        languages,
        types,
        themes,
        goals,
        alignments,
        completeness,
        gaps,
        note,
    } = resource;
    let mut file = Toml::default();
    file.text("title", title);
    file.text("page", page);
    file.array("other_pages", other_pages.iter().map(|page| quoted(page)));
    file.value("year", *year);
    file.text("completeness", completeness.word());
    file.text("wording", wording.word());
    file.optional("prose_language", prose_language.as_ref().map(LanguageTag::as_str));
    file.optional("audience", audience.as_deref());
    file.optional("description", description.as_deref());
    file.optional("creators_as_printed", creators_as_printed.as_deref());
    file.array("types", types.iter().map(|slug| quoted(slug.as_str())));
    file.array("themes", themes.iter().map(|slug| quoted(slug.as_str())));
    file.array(
        "languages",
        languages.iter().map(|mention| {
            let tag = mention.tag.as_ref().map_or_else(String::new, |tag| format!("tag = {}, ", quoted(tag.as_str())));
            format!("{{ {tag}printed = {} }}", quoted(&mention.printed))
        }),
    );
    file.array("goals", goals.iter().map(ToString::to_string));
    file.optional("note", note.as_deref());
    for creator in creators {
        file.table("creators");
        file.text("name", &creator.name);
        file.optional("kind", creator.kind.map(AgentKind::word));
    }
    for quotation in quotations {
        file.table("quotations");
        file.optional("text", quotation.text.as_deref());
        file.optional("locator", quotation.locator.as_deref());
    }
    for alignment in alignments {
        file.table("alignments");
        file.text("target", &alignment.printed);
        file.optional("reason", alignment.reason.as_deref());
    }
    for gap in gaps {
        file.table("gaps");
        file.text("field", gap.field.word());
        file.text("why", &gap.why);
    }
    file.0
}

/// A TOML document that grows line by line.
#[derive(Default)]
struct Toml(String);

impl Toml {
    fn line(&mut self, key: &str, value: &str) {
        // Writing to a String cannot fail.
        let _ = writeln!(self.0, "{key} = {value}");
    }

    fn text(&mut self, key: &str, text: &str) {
        self.line(key, &quoted(text));
    }

    fn optional(&mut self, key: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.text(key, text);
        }
    }

    fn value(&mut self, key: &str, number: Option<u16>) {
        if let Some(number) = number {
            self.line(key, &number.to_string());
        }
    }

    /// One value on the line of its key, more on a line each.
    fn array(&mut self, key: &str, values: impl Iterator<Item = String>) {
        let values: Vec<String> = values.collect();
        match values.as_slice() {
            [] => {}
            [value] => self.line(key, &format!("[{value}]")),
            values => self.line(key, &format!("[\n    {},\n]", values.join(",\n    "))),
        }
    }

    fn table(&mut self, name: &str) {
        let _ = writeln!(self.0, "\n[[{name}]]");
    }
}

/// A basic string ([TOML 1.0, String](https://toml.io/en/v1.0.0#string)).
fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            c if c.is_control() => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// The text of `indicators.csv`, in the order given.
#[must_use]
pub fn indicators_csv<'a>(indicators: impl IntoIterator<Item = &'a Indicator>) -> String {
    let mut rows = vec![["id", "label", "definition", "wording_digest", "pages"].map(str::to_owned)];
    rows.extend(indicators.into_iter().map(|indicator| {
        [
            indicator.id.to_string(),
            indicator.label.clone().unwrap_or_default(),
            indicator.definition.clone().unwrap_or_default(),
            indicator.wording_digest.clone(),
            indicator.pages.join(" "),
        ]
    }));
    csv(&rows)
}

/// The text of `types.csv`, in the order given.
#[must_use]
pub fn types_csv<'a>(types: impl IntoIterator<Item = &'a ResourceType>) -> String {
    let mut rows = vec![["slug", "label"].map(str::to_owned)];
    rows.extend(types.into_iter().map(|kind| [kind.slug.to_string(), kind.label.clone()]));
    csv(&rows)
}

/// Rows as CSV ([RFC 4180](https://www.rfc-editor.org/rfc/rfc4180), but with LF): a cell that holds a comma, a quote or
/// a line break is quoted.
fn csv<const N: usize>(rows: &[[String; N]]) -> String {
    let mut text = String::new();
    for row in rows {
        for (index, cell) in row.iter().enumerate() {
            if index > 0 {
                text.push(',');
            }
            if cell.contains(['"', ',', '\n', '\r']) {
                let _ = write!(text, "\"{}\"", cell.replace('"', "\"\""));
            } else {
                text.push_str(cell);
            }
        }
        text.push('\n');
    }
    text
}
