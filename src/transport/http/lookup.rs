//! The first of two steps: finding out what the supplier calls the product, or remembering it.
//!
//! Owns which ids are asked for and what is remembered of them. Refuses to know how offers are made. Main type:
//! [`LookupStep`].

use std::sync::Arc;
use std::time::Duration;

use super::pages::Found;
use super::step::Step;
use super::{HttpSupplier, Question, target};
use crate::domain::{Failure, Phase, WarningKind};
use crate::mapping::{Binding, Lookup};
use crate::transport::{LookupKey, LookupMemory, PhaseMark, Preview, Reply, bodies};

/// What is asked for ids.
#[derive(Debug)]
pub(super) struct LookupStep {
    pub(super) step: Step,
    /// What makes ids of a reply.
    pub(super) mapping: Lookup,
    /// Whether quotes are asked for id by id, and not for all at once.
    pub(super) each: bool,
    /// For how many ids quotes are asked.
    pub(super) max_ids: usize,
    /// Where ids are remembered, and for how long.
    pub(super) memory: Option<(Arc<dyn LookupMemory>, Duration)>,
}

impl LookupStep {
    /// What is shown of the request for ids.
    pub(super) fn preview(&self, question: &Question<'_>) -> Preview {
        self.step.preview(question)
    }

    /// The question about an id, or all ids, that is shown before they are known.
    pub(super) fn shown_question<'a>(&self, question: &Question<'a>) -> Question<'a> {
        question.with(if self.each {
            Binding::text("id", "ID")
        } else {
            Binding::texts("ids", ["ID1", "ID2"].map(str::to_owned))
        })
    }

    /// The questions about ids: one for each, or one for all.
    fn questions<'a>(&self, question: &Question<'a>, ids: &[String]) -> Vec<Question<'a>> {
        if self.each {
            return ids.iter().map(|id| question.with(Binding::text("id", id))).collect();
        }
        vec![question.with(Binding::texts("ids", ids))]
    }

    /// What the ids of this question are remembered by.
    fn key(&self, supplier: &HttpSupplier, question: &Question<'_>) -> Option<LookupKey> {
        let url = target::parse(&self.step.url.expand(&question.bindings)).ok()?;
        let Preview { head, headers, body } = self.step.preview(question);
        // The run's id is another one in each run.
        let headers = headers.into_iter().filter(|(name, _)| name != "x-correlation-id");
        let lines = std::iter::once(head)
            .chain(headers.map(|(name, value)| format!("{name}: {value}")))
            .chain([body.unwrap_or_default(), self.mapping.ids.source().to_owned()]);
        let question = lines.collect::<Vec<_>>().join("\n");
        Some(LookupKey { supplier: supplier.name.clone(), origin: url.origin().ascii_serialization(), question })
    }
}

impl HttpSupplier {
    /// Looks ids up, or remembers them, and asks for quotes for them. Ids that were remembered and lead to nothing are
    /// looked up again.
    ///
    /// # Errors
    /// What can happen in either step.
    pub(super) async fn two_steps(
        &self,
        lookup: &LookupStep,
        question: &Question<'_>,
        phase: &PhaseMark,
    ) -> Result<Reply, Failure> {
        let memory = lookup.memory.as_ref().and_then(|(memory, age)| Some((memory, *age, lookup.key(self, question)?)));
        if let Some((memory, age, key)) = &memory {
            let recalled = recall(Arc::clone(memory), key.clone(), *age).await;
            if let Some(ids) = recalled.filter(|ids| !ids.is_empty()) {
                let reply = self.about(lookup, ids, question, phase).await;
                let is_gone = reply.as_ref().is_err_and(|failure| matches!(failure.http_status, Some(404 | 410)));
                if is_gone || reply.as_ref().is_ok_and(|reply| reply.offers.is_empty()) {
                    memory.forget(key.clone());
                }
                if !reply.as_ref().is_ok_and(|reply| reply.offers.is_empty()) {
                    return reply;
                }
            }
        }
        let (ids, status) = self.look_up(lookup, question, phase).await?;
        if ids.is_empty() {
            return Ok(Reply { http_status: Some(status), ..Reply::default() });
        }
        let reply = self.about(lookup, ids.clone(), question, phase).await?;
        if let Some((memory, _, key)) = memory.filter(|_| !reply.offers.is_empty()) {
            memory.keep(key, ids);
        }
        Ok(reply)
    }

    /// Asks for ids; none = the supplier does not carry the product.
    async fn look_up(
        &self,
        lookup: &LookupStep,
        question: &Question<'_>,
        phase: &PhaseMark,
    ) -> Result<(Vec<String>, u16), Failure> {
        phase.at_step(Some("in `lookup`".to_owned()));
        phase.enter(Phase::Mapping);
        let message = |body: &[u8]| lookup.mapping.message(body, &question.bindings);
        let heard = self.hear(&lookup.step.call(question)?, phase, message).await?;
        let Some(body) = heard.body else { return Ok((Vec::new(), heard.status)) };
        phase.enter(Phase::Mapping);
        let ids = bodies::ids(&lookup.mapping, body, &question.bindings).await;
        Ok((ids.map_err(|failure| failure.with_status(heard.status))?, heard.status))
    }

    /// Asks for quotes for ids, of which there is one at least.
    async fn about(
        &self,
        lookup: &LookupStep,
        mut ids: Vec<String>,
        question: &Question<'_>,
        phase: &PhaseMark,
    ) -> Result<Reply, Failure> {
        let mut found = Found::default();
        if ids.len() > lookup.max_ids {
            found.warnings.push(WarningKind::IdsLeft { found: ids.len(), asked: lookup.max_ids });
            ids.truncate(lookup.max_ids);
        }
        let is_one_of_many = lookup.each && ids.len() > 1;
        for (id, question) in ids.iter().zip(lookup.questions(question, &ids)) {
            let step = is_one_of_many.then(|| format!("for id `{id}`"));
            phase.at_step(step.clone());
            phase.enter(Phase::Mapping);
            self.pages(self.step.call(&question)?, &mut found, phase, step.as_deref()).await?;
        }
        Ok(found.reply())
    }
}

/// What is remembered. It may have to be read from a disk, and others wait for the event loop.
async fn recall(memory: Arc<dyn LookupMemory>, key: LookupKey, age: Duration) -> Option<Vec<String>> {
    tokio::task::spawn_blocking(move || memory.recall(&key, age)).await.ok().flatten()
}
