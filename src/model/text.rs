//! Codes, names and words are written as their text, also in JSON.

/// Writes a type as its `Display` and reads it with its `FromStr`, or with the function given.
macro_rules! as_text {
    ($name:ident) => {
        $crate::model::text::as_text!($name, |text: String| text.parse::<$name>());
    };
    ($name:ident, $read:expr) => {
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <String as serde::Deserialize>::deserialize(deserializer)?;
                let read: fn(String) -> Result<Self, _> = $read;
                read(text).map_err(serde::de::Error::custom)
            }
        }
    };
}
pub(crate) use as_text;
