//! Terms: IRIs, names with prefixes, literals.

use std::borrow::Cow;

use oxigraph::model::{Literal, NamedNode, Term, vocab::xsd};

use super::{
    lexer::{Kind, Token},
    reader::{Read, Reader, shorten},
};
use crate::rdf::vocab::PREFIXES;

impl<'t> Reader<'t> {
    /// Whether an IRI begins here, in full or with a prefix.
    pub(super) fn is_iri(&self) -> bool {
        matches!(self.token.kind, Kind::Iri | Kind::Name)
    }

    /// [136] iri
    pub(super) fn iri(&mut self) -> Read<NamedNode> {
        match self.token.kind {
            Kind::Iri => {
                let token = self.take()?;
                self.resolve(token)
            }
            Kind::Name => {
                let iri = self.expanded()?;
                self.take()?;
                Ok(iri)
            }
            _ => Err(self.unexpected(&["an IRI"])),
        }
    }

    /// The IRI of the name with a prefix that is looked at.
    fn expanded(&mut self) -> Read<NamedNode> {
        let (prefix, local) = self.token.text.split_once(':').unwrap_or_default();
        let Some(iri) = self.prefixes.get(prefix) else {
            let known = PREFIXES.iter().find(|(known, _)| *known == prefix);
            let hint = known.map(|(known, iri)| format!(": add PREFIX {known}: <{iri}>")).unwrap_or_default();
            return Err(self.wrong(format!("the prefix \"{}:\" is not declared{hint}", shorten(prefix))));
        };
        let whole = format!("{iri}{}", without_backslashes(local));
        self.expands(whole.len())?;
        Ok(NamedNode::new_unchecked(whole))
    }

    /// Whether a literal begins here, a number with a sign before it too.
    pub(super) fn is_literal(&self) -> bool {
        match self.token.kind {
            Kind::String | Kind::Integer | Kind::Decimal | Kind::Double => true,
            Kind::Word => self.token.is_word("true") || self.token.is_word("false"),
            Kind::Sign => matches!(self.token.text, "+" | "-"),
            _ => false,
        }
    }

    /// [129] `RDFLiteral`, [130] `NumericLiteral` with its sign, [134] `BooleanLiteral`
    pub(super) fn literal(&mut self) -> Read<Literal> {
        match self.token.kind {
            Kind::String => self.string_literal(),
            Kind::Sign => {
                let sign = self.take()?;
                if self.token.span.start != sign.span.end {
                    return Err(self.unexpected(&["a number"]));
                }
                self.number(sign.text)
            }
            Kind::Word => {
                let word = self.take()?.text.to_ascii_lowercase();
                Ok(Literal::new_typed_literal(word, xsd::BOOLEAN))
            }
            _ => self.number(""),
        }
    }

    /// A number behind a sign.
    pub(super) fn number(&mut self, sign: &str) -> Read<Literal> {
        let datatype = match self.token.kind {
            Kind::Integer => xsd::INTEGER,
            Kind::Decimal => xsd::DECIMAL,
            Kind::Double => xsd::DOUBLE,
            _ => return Err(self.unexpected(&["a number"])),
        };
        Ok(Literal::new_typed_literal(format!("{sign}{}", self.take()?.text), datatype))
    }

    fn string_literal(&mut self) -> Read<Literal> {
        let value = self.string()?;
        if self.token.kind == Kind::Language {
            let tag = self.take()?;
            return Literal::new_language_tagged_literal(value, &tag.text[1..]).map_err(|error| {
                self.wrong_at(tag.span, format!("\"{}\" is no language tag: {error}", shorten(tag.text)))
            });
        }
        if self.takes("^^")? {
            let datatype = self.iri()?;
            return Ok(Literal::new_typed_literal(value, datatype));
        }
        Ok(value.into())
    }

    /// [135] String: without quotes and escapes.
    pub(super) fn string(&mut self) -> Read<String> {
        if self.token.kind != Kind::String {
            return Err(self.unexpected(&["a string"]));
        }
        let token = self.take()?;
        let quotes =
            if token.text.len() >= 6 && token.text.as_bytes()[..3].iter().all(|b| *b == token.text.as_bytes()[0]) {
                3
            } else {
                1
            };
        let inside = &token.text[quotes..token.text.len() - quotes];
        self.unescaped(inside, token).map(Cow::into_owned)
    }

    /// [160] ECHAR
    fn unescaped(&self, text: &'t str, token: Token<'t>) -> Read<Cow<'t, str>> {
        let Some(first) = text.find('\\') else { return Ok(text.into()) };
        let mut plain = text[..first].to_owned();
        let mut rest = text[first..].chars();
        while let Some(c) = rest.next() {
            if c != '\\' {
                plain.push(c);
                continue;
            }
            plain.push(match rest.next() {
                Some('t') => '\t',
                Some('b') => '\u{8}',
                Some('n') => '\n',
                Some('r') => '\r',
                Some('f') => '\u{C}',
                Some(same @ ('"' | '\'' | '\\')) => same,
                Some('u' | 'U') => {
                    let message = r"an escape \u must be followed by four hexadecimal digits, \U by eight";
                    return Err(self.wrong_at(token.span, message));
                }
                other => {
                    let other = other.map(String::from).unwrap_or_default();
                    return Err(self.wrong_at(token.span, format!("there is no escape \\{other} in a string")));
                }
            });
        }
        Ok(plain.into())
    }

    /// A term that stands by itself in VALUES: [65] `DataBlockValue`, without UNDEF.
    pub(super) fn constant(&mut self) -> Read<Term> {
        if self.is_iri() {
            return Ok(self.iri()?.into());
        }
        if self.is_literal() {
            return Ok(self.literal()?.into());
        }
        Err(self.unexpected(&["an IRI", "a literal"]))
    }
}

/// A local name without the backslashes before its signs.
fn without_backslashes(local: &str) -> Cow<'_, str> {
    if local.contains('\\') { local.replace('\\', "").into() } else { local.into() }
}
