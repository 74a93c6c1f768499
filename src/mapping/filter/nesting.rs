//! How deep a filter's text is nested, before anything that recurses reads it.

/// What a scan of the text found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Nesting {
    /// Where brackets are first nested deeper than allowed, as a byte offset.
    pub(super) too_deep: Option<usize>,
    /// Where the bracket or the text begins that is closed by the wrong bracket, or never.
    pub(super) unclosed: Option<usize>,
    /// No parser's recursion is deeper than this: what can begin something that ends later.
    pub(super) openers: usize,
}

/// What the scan is inside of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    /// Brackets, with the one that closes them. `\(…)` in a text is one of them.
    Brackets(char),
    Text,
}

/// Scans a filter. Broken text is scanned as far as it makes sense.
pub(super) fn scan(source: &str, most: usize) -> Nesting {
    let mut inside: Vec<(Inside, usize)> = Vec::new();
    let mut nesting = Nesting::default();
    let mut comment = false;
    let mut escaped = false;
    let mut in_word = false;
    for (offset, character) in source.char_indices() {
        if comment {
            comment = character != '\n';
            continue;
        }
        let opens = match (inside.last().map(|(inside, _)| inside), character) {
            (Some(Inside::Text), '(') if escaped => Some(Inside::Brackets(')')),
            (Some(Inside::Text), '"') if !escaped => {
                inside.pop();
                continue;
            }
            (Some(Inside::Text), _) => {
                escaped = !escaped && character == '\\';
                continue;
            }
            (_, '"') => Some(Inside::Text),
            (_, '(') => Some(Inside::Brackets(')')),
            (_, '[') => Some(Inside::Brackets(']')),
            (_, '{') => Some(Inside::Brackets('}')),
            (_, '#') => {
                comment = true;
                None
            }
            (Some(Inside::Brackets(closer)), ')' | ']' | '}') => {
                if *closer != character {
                    break;
                }
                inside.pop();
                None
            }
            _ => None,
        };
        escaped = false;
        let word = character.is_ascii_alphanumeric() || matches!(character, '_' | ':' | '$' | '@');
        // Every word may be a keyword that begins something, and every sign an operator.
        nesting.openers += usize::from(if word { !in_word } else { !character.is_whitespace() });
        in_word = word;
        if let Some(opened) = opens {
            inside.push((opened, offset));
            if inside.len() > most {
                nesting.too_deep = Some(offset);
                return nesting;
            }
        }
    }
    nesting.unclosed = inside.last().map(|(_, offset)| *offset);
    nesting
}
