//! Words for people, made of texts that were not written for them: errors of the system, and texts of any length.

use std::error::Error;
use std::io;
use std::time::Duration;

/// The first characters of a text that may be of any length, with `…` for the rest.
#[must_use]
pub fn shortened(text: &str, characters: usize) -> String {
    match text.char_indices().nth(characters) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// An age in its two largest units, such as `9 days 4 hours`; what is below a minute is left out.
#[must_use]
pub fn age_words(age: Duration) -> String {
    const UNITS: [(&str, u64); 3] = [("day", 86_400), ("hour", 3_600), ("minute", 60)];
    let mut left = age.as_secs();
    let mut words = Vec::new();
    for (unit, seconds) in UNITS {
        let count = left / seconds;
        left %= seconds;
        match count {
            0 if words.is_empty() => continue,
            0 => break,
            1 => words.push(format!("1 {unit}")),
            _ => words.push(format!("{count} {unit}s")),
        }
        if words.len() == 2 {
            break;
        }
    }
    if words.is_empty() { "less than a minute".to_owned() } else { words.join(" ") }
}

/// An error of the system in our style: `no such file or directory`, without a capital, without the system's number,
/// and without the path that a library may have wrapped around it, which can be one of its own making.
#[must_use]
pub fn system_words(error: &io::Error) -> String {
    plain_words(&innermost(error).to_string())
}

/// Another library's message in our style: not capitalised, and without the system's number for it.
#[must_use]
pub fn plain_words(message: &str) -> String {
    let message = message.split_once(" (os error").map_or(message, |(before, _)| before);
    let mut characters = message.chars();
    match (characters.next(), characters.next()) {
        // An abbreviation keeps its capitals.
        (Some(first), Some(second)) if second.is_lowercase() || second == ' ' => {
            first.to_lowercase().chain(message.chars().skip(1)).collect()
        }
        _ => message.to_owned(),
    }
}

/// An error and its causes as one line, outermost first. What an error of the system was caused by is left out: it
/// says the same.
#[must_use]
pub fn cause_words(error: &(dyn Error + 'static)) -> String {
    let mut words = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(system) = error.downcast_ref::<io::Error>() {
            words.push(system_words(system));
            break;
        }
        words.push(error.to_string());
        next = error.source();
    }
    words.join(": ")
}

/// What the system itself said, where another error of its type is wrapped around it.
fn innermost(error: &io::Error) -> &io::Error {
    let mut found = error;
    let mut next = error.get_ref().map(|wrapped| wrapped as &(dyn Error + 'static));
    while let Some(cause) = next {
        let system = cause.downcast_ref::<io::Error>();
        found = system.unwrap_or(found);
        next = match system.and_then(io::Error::get_ref) {
            Some(wrapped) => Some(wrapped),
            None => cause.source(),
        };
    }
    found
}

/// The known word that is nearest to a misspelt one, if any is near. Capitals make no difference.
#[must_use]
pub fn nearest_word<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Long words are no misspelt name, and distances grow with the square of the length.
    const LONGEST: usize = 64;
    if word.len() > LONGEST {
        return None;
    }
    let word = word.to_lowercase();
    let known = known.into_iter().filter(|candidate| candidate.len() <= LONGEST);
    let distance = |candidate: &str| strsim::damerau_levenshtein(&word, &candidate.to_lowercase());
    let (distance, candidate) = known.map(|known| (distance(known), known)).min_by_key(|(distance, _)| *distance)?;
    (distance <= word.chars().count().max(3) / 3).then_some(candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("the file cannot be used")]
    struct Unusable(#[source] io::Error);

    /// Wraps an error as libraries do that make temporary files.
    #[derive(Debug, thiserror::Error)]
    #[error("{0} at path \"/tmp/.x\"")]
    struct AtPath(#[source] io::Error);

    #[test]
    fn an_age_has_its_two_largest_units() {
        let of = |seconds| age_words(Duration::from_secs(seconds));
        for (seconds, words) in [
            (59, "less than a minute"),
            (60, "1 minute"),
            (3_600, "1 hour"),
            (7_260, "2 hours 1 minute"),
            (9 * 86_400 + 4 * 3_600 + 59 * 60, "9 days 4 hours"),
            (86_400 + 120, "1 day"),
        ] {
            assert_eq!(of(seconds), words);
        }
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        assert_eq!(shortened(&"ä".repeat(200), 200), "ä".repeat(200));
        assert_eq!(shortened(&"ä".repeat(201), 200), format!("{}…", "ä".repeat(200)));
    }

    #[test]
    fn errors_of_the_system_lose_their_number_and_their_capital() {
        assert_eq!(system_words(&io::Error::from_raw_os_error(2)), "no such file or directory");
        assert_eq!(system_words(&io::Error::from_raw_os_error(24)), "too many open files");
        assert_eq!(system_words(&io::ErrorKind::AddrInUse.into()), "address in use");
        assert_eq!(system_words(&io::Error::other("line 2 is not UTF-8")), "line 2 is not UTF-8");
    }

    #[test]
    fn a_path_around_an_error_of_the_system_is_left_out() {
        let wrapped = io::Error::new(io::ErrorKind::NotFound, AtPath(io::Error::from_raw_os_error(2)));
        assert_eq!(system_words(&wrapped), "no such file or directory");
        let named = tempfile::NamedTempFile::new_in("/no/such/folder").unwrap_err();
        assert_eq!(system_words(&named), "no such file or directory");
    }

    #[test]
    fn abbreviations_keep_their_capitals() {
        assert_eq!(plain_words("TLS is off"), "TLS is off");
        assert_eq!(plain_words("Broken pipe"), "broken pipe");
    }

    #[test]
    fn causes_follow_what_they_led_to() {
        let wrapped = io::Error::new(io::ErrorKind::NotFound, AtPath(io::Error::from_raw_os_error(2)));
        assert_eq!(cause_words(&Unusable(wrapped)), "the file cannot be used: no such file or directory");
    }
}
