//! Reply topics that runs have left on brokers, on a screen.

use jiff::Timestamp;

use super::Screen;
use super::sanitize::{clean, cut};
use super::style::{Painter, Style};
use crate::domain::{LeftTopic, TopicFate, age_words};

/// The width of the first two columns.
const FATE: usize = 8;
const ENDED: usize = 12;

/// Draws topics in their order: what became of each, when its run ended, its name and its brokers.
#[must_use]
pub fn render(topics: &[LeftTopic], now: Timestamp, screen: Screen) -> String {
    let width = screen.width.max(Screen::LEAST_WIDTH);
    if topics.is_empty() {
        return "no reply topics are left\n".to_owned();
    }
    let painter = Painter { color: screen.color };
    let titles = format!("{:FATE$}  {:ENDED$}  TOPIC", "", "RUN ENDED");
    let rows = topics.iter().map(|topic| cut(&row(topic, now), width));
    let lines = std::iter::once(painter.paint(Style::Dim, &cut(&titles, width))).chain(rows);
    lines.map(|line| line + "\n").collect()
}

fn row(topic: &LeftTopic, now: Timestamp) -> String {
    let (fate, why) = match &topic.fate {
        TopicFate::Left => ("left", String::new()),
        TopicFate::Removed => ("removed", String::new()),
        TopicFate::Failed(why) => ("failed", format!(": {}", clean(why))),
    };
    let age = std::time::Duration::try_from(now.duration_since(topic.ended_at)).unwrap_or_default();
    let ended = format!("{} ago", age_words(age));
    format!("{fate:FATE$}  {ended:ENDED$}  {} on {}{why}", clean(&topic.name), clean(&topic.brokers))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_topic_has_a_row() {
        let topic = |fate| LeftTopic {
            brokers: "a.example:9092".to_owned(),
            name: "pricecmp.reply.1".to_owned(),
            ended_at: Timestamp::from_second(1_000).unwrap(),
            fate,
        };
        let topics = [topic(TopicFate::Removed), topic(TopicFate::Failed("not permitted".to_owned()))];
        let now = Timestamp::from_second(8_200).unwrap();
        let screen = Screen { width: 100, color: false };
        assert_eq!(
            render(&topics, now, screen),
            "          RUN ENDED     TOPIC\n\
             removed   2 hours ago   pricecmp.reply.1 on a.example:9092\n\
             failed    2 hours ago   pricecmp.reply.1 on a.example:9092: not permitted\n"
        );
        assert_eq!(render(&[], now, screen), "no reply topics are left\n");
    }
}
