//! Reads the test sets, which are XML.

use roxmltree::{Document, Node};

/// A test case as its file states it.
#[derive(Debug, Default)]
pub(super) struct Case {
    /// The file: `fn/replace`.
    pub(super) set: String,
    /// File and name: `fn/replace#fn-replace2args-1`.
    pub(super) id: String,
    /// The expression. None if it is in a file of its own.
    pub(super) expression: Option<String>,
    /// What the processor has to be: pairs like `spec` and `XP30+ XQ30+`.
    pub(super) dependencies: Vec<(String, String)>,
    /// What has to come back.
    pub(super) result: Assertion,
}

/// What a case says of the result.
#[derive(Debug, Default)]
pub(super) enum Assertion {
    /// It is `true` or `false`.
    Boolean(bool),
    /// It equals the value of an expression.
    Equal(String),
    /// Its string value is this.
    Text(String),
    /// It is of this type.
    Type(String),
    /// It has so many items.
    Count(String),
    /// It is an error with this code.
    Error(String),
    /// An expression about `$result` is true.
    True(String),
    /// One of these holds.
    Any(Vec<Self>),
    /// All of these hold.
    All(Vec<Self>),
    /// This does not hold.
    Not(Box<Self>),
    /// Something about sequences or XML.
    #[default]
    Other,
}

/// The cases of a test set.
pub(super) fn read(set: &str, xml: &str) -> Vec<Case> {
    let document = Document::parse(xml).unwrap_or_else(|error| panic!("{set}: {error}"));
    let nodes = document.descendants().filter(|node| is(*node, "test-case"));
    nodes.map(|node| case(set, node)).collect()
}

fn case(set: &str, node: Node<'_, '_>) -> Case {
    let name = node.attribute("name").unwrap_or_else(|| panic!("{set}: a case has no name"));
    let only = |tag| elements(node, tag).next().unwrap_or_else(|| panic!("{set}#{name} has no {tag}"));
    let test = only("test");
    let stated = only("result").children().find(Node::is_element);
    Case {
        set: set.to_owned(),
        id: format!("{set}#{name}"),
        expression: test.attribute("file").is_none().then(|| text(test)),
        dependencies: elements(node, "dependency").map(dependency).collect(),
        result: stated.map_or(Assertion::Other, assertion),
    }
}

fn dependency(node: Node<'_, '_>) -> (String, String) {
    let attribute = |name| node.attribute(name).unwrap_or_default().to_owned();
    (attribute("type"), attribute("value"))
}

fn assertion(node: Node<'_, '_>) -> Assertion {
    let parts = || node.children().filter(Node::is_element).map(assertion);
    match node.tag_name().name() {
        "assert-true" => Assertion::Boolean(true),
        "assert-false" => Assertion::Boolean(false),
        // Of one value, the two are the same.
        "assert-eq" | "assert-deep-eq" => Assertion::Equal(text(node)),
        "assert-string-value" if node.attribute("normalize-space").is_none() => Assertion::Text(text(node)),
        "assert-type" => Assertion::Type(text(node)),
        "assert-count" => Assertion::Count(text(node)),
        "error" => Assertion::Error(node.attribute("code").unwrap_or_default().to_owned()),
        "assert" => Assertion::True(text(node)),
        "any-of" => Assertion::Any(parts().collect()),
        "all-of" => Assertion::All(parts().collect()),
        "not" => Assertion::Not(Box::new(parts().next().unwrap_or(Assertion::Other))),
        _ => Assertion::Other,
    }
}

fn elements<'a, 'i>(node: Node<'a, 'i>, tag: &'static str) -> impl Iterator<Item = Node<'a, 'i>> {
    node.children().filter(move |node| is(*node, tag))
}

fn is(node: Node<'_, '_>, tag: &str) -> bool {
    node.is_element() && node.tag_name().name() == tag
}

/// All text in an element: comments and CDATA part it.
fn text(node: Node<'_, '_>) -> String {
    node.descendants().filter(Node::is_text).filter_map(|node| node.text()).collect()
}

#[test]
fn a_test_set_is_read() {
    let xml = "<test-set xmlns=\"urn:any\"><test-case name=\"a\"><dependency type=\"spec\" value=\"XP30+\"/>
        <test>1 &lt; <![CDATA[2]]></test><result><any-of><assert-true/><error code=\"E\"/></any-of></result>
        </test-case></test-set>";
    let cases = read("fn/a", xml);
    let [case] = cases.as_slice() else { panic!("{cases:?}") };
    assert_eq!((case.id.as_str(), case.expression.as_deref()), ("fn/a#a", Some("1 < 2")));
    assert_eq!(case.dependencies, [("spec".to_owned(), "XP30+".to_owned())]);
    let Assertion::Any(options) = &case.result else { panic!("{case:?}") };
    assert!(matches!(options.as_slice(), [Assertion::Boolean(true), Assertion::Error(code)] if code == "E"));
}
