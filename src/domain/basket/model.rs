//! The basket as a mixed-integer linear program.
//!
//! The only place that knows the solver, and the only one that counts in floating point: what it finds is a choice of
//! columns and a bound, and every amount is counted again, exactly, by those who ask. Its main type is [`Program`].
//!
//! For each column `x` ∈ {0, 1} says whether it is bought. Costs are in minor units of the basket's currency:
//!
//! ```text
//! minimise Σ net·x + Σ once·(y − r) + Σ h
//! each line            Σ x = 1, or with splits: Σ covers·x ≥ need, and at most one column an offer
//! each line and seller Σ x ≤ y          y: the seller has an order
//! free shipping        Σ goods·x ≥ from·r, r ≤ y
//! minimum order value  Σ goods·x ≥ minimum·y
//! unlike conditions    Σ once·x − most·r ≤ h, instead of once·(y − r)
//! most suppliers       Σ z ≤ most, y ≤ z
//! a set of suppliers   Σ y ≥ 1 of each
//! ```
//!
//! The purchase that is known is one more column, which brings all lines at what it costs.

#![expect(clippy::float_arithmetic, reason = "the solver counts in floats; whatever it finds is counted again exactly")]
#![expect(
    clippy::cast_precision_loss,
    reason = "an amount is far below 2⁵³ of the search's units, or no proof is made"
)]

use std::collections::BTreeMap;
use std::time::Duration;

use good_lp::solvers::{SolutionStatus, WithInitialSolution, WithMipGap, WithTimeLimit};
use good_lp::{Expression, Solution, SolverModel, Variable, constraint, microlp, variable, variables};

use super::columns::{Column, Columns};
use super::conditions::{Conditions, FINE};
use super::{Basket, Pick};

/// What the solver found.
#[derive(Clone, Debug)]
pub(super) struct Found {
    /// The columns that are bought; none when no purchase is better than the one that is known.
    pub(super) columns: Vec<usize>,
    /// No purchase of the columns costs less, in the search's units, the penalty for lines that are left out included.
    pub(super) bound: Option<i128>,
    /// Whether the solver came to its end.
    pub(super) is_proved: bool,
}

/// Less than the part that one piece is of any line, 10⁻⁹, so that roundings do not refuse what is just enough.
const LEAST_PART: f64 = 5e-10;

/// The program and the columns that it is about.
pub(super) struct Program<'a> {
    basket: &'a Basket,
    columns: &'a Columns,
    /// The columns that may be bought.
    open: Vec<usize>,
    /// What a line costs that is left out, in the search's units; `None` = none may be.
    penalty: Option<i128>,
    /// What the best purchase costs that is known, lines that it leaves out included.
    known: i128,
    /// Each of these suppliers has an order, in increasing order.
    with: &'a [usize],
}

/// The variables and rows of a program as they are put together.
struct Draft {
    variables: good_lp::ProblemVariables,
    objective: Expression,
    rows: Vec<good_lp::Constraint>,
    /// The values to start from: those of the purchase that is known.
    start: Vec<(Variable, f64)>,
    /// 1 = the purchase that is known, and nothing else.
    known: Variable,
}

impl Draft {
    fn add(&mut self, definition: good_lp::VariableDefinition, cost: f64) -> Variable {
        let variable = self.variables.add(definition);
        if cost != 0.0 {
            self.objective.add_mul(cost, variable);
        }
        self.start.push((variable, 0.0));
        variable
    }
}

impl<'a> Program<'a> {
    /// The program over such columns, where lines may be left out or not. `known` is what a purchase costs that may be
    /// taken instead, and each of the suppliers `with` has an order otherwise.
    pub(super) fn new(
        basket: &'a Basket,
        columns: &'a Columns,
        open: Vec<usize>,
        penalty: Option<i128>,
        known: i128,
        with: &'a [usize],
    ) -> Self {
        Self { basket, columns, open, penalty, known, with }
    }

    /// Solves it. `None` when the solver fails or finds nothing in time.
    pub(super) fn solve(&self, time: Duration) -> Option<Found> {
        let mut variables = variables!();
        let known = variables.add(variable().binary());
        let mut draft = Draft {
            variables,
            objective: Expression::with_capacity(self.open.len()),
            rows: Vec::new(),
            start: vec![(known, 1.0)],
            known,
        };
        draft.objective.add_mul(in_minor(self.known), known);
        let bought: Vec<(usize, Variable)> = (self.open.iter())
            .map(|index| (*index, draft.add(variable().binary(), in_minor(self.columns.all()[*index].floor))))
            .collect();
        self.add_lines(&mut draft, &bought);
        let mut of_seller: BTreeMap<u32, Vec<(usize, Variable)>> = BTreeMap::new();
        for (index, variable) in &bought {
            of_seller.entry(self.columns.all()[*index].seller).or_default().push((*index, *variable));
        }
        let mut orders = BTreeMap::new();
        for (seller, columns) in &mut of_seller {
            columns.sort_by_key(|(index, _)| (self.column(*index).pick.line, self.column(*index).pick.offer));
            if let Some(has_order) = (SellerRows { program: self, columns }).add(&mut draft) {
                orders.entry(self.columns.sellers[*seller as usize].supplier).or_insert_with(Vec::new).push(has_order);
            }
        }
        self.add_suppliers(&mut draft, &orders);
        // What is better is so by a grain, so that a smaller gap is a proof; not all of it, as the bound is in floats.
        let gap = (0.9 * self.columns.grain as f64 / self.known.max(1) as f64 - 4e-9).max(0.0);
        run(draft, &bought, gap, time)
    }

    fn column(&self, index: usize) -> &Column {
        &self.columns.all()[index]
    }

    fn conditions(&self, index: usize) -> &Conditions {
        &self.basket.conditions[self.column(index).conditions as usize]
    }

    /// Each line gets what it needs. One that has no column here is left out, where that is possible.
    fn add_lines(&self, draft: &mut Draft, bought: &[(usize, Variable)]) {
        let offered = (0..self.columns.lines()).map(|line| self.columns.of_line(line)).filter(|all| !all.is_empty());
        for all in offered {
            let position = |column: usize| bought.partition_point(|(index, _)| *index < column);
            let columns = &bought[position(all.start)..position(all.end)];
            let covers = |index: usize| f64::from(self.column(index).covers) / self.need(index);
            let mut sum = Expression::with_capacity(columns.len() + 2);
            sum.add_mul(1.0, draft.known);
            for (index, variable) in columns {
                sum.add_mul(covers(*index), *variable);
            }
            let left_out = self.penalty.map(|penalty| draft.add(variable().binary(), in_minor(penalty)));
            if let Some(left_out) = left_out {
                sum.add_mul(1.0, left_out);
            }
            let is_exact = !self.basket.limits.split || self.basket.limits.exact;
            draft.rows.push(if is_exact { constraint!(sum == 1) } else { constraint!(sum >= 1.0 - LEAST_PART) });
            if self.basket.limits.split {
                self.add_offers(draft, columns, left_out);
            }
        }
    }

    /// Of each offer at most one order is bought, and none for a line that is left out.
    fn add_offers(&self, draft: &mut Draft, columns: &[(usize, Variable)], left_out: Option<Variable>) {
        let mut of_offer: BTreeMap<u32, Expression> = BTreeMap::new();
        for (index, variable) in columns {
            of_offer.entry(self.column(*index).pick.offer).or_default().add_mul(1.0, *variable);
        }
        for mut sum in of_offer.into_values() {
            if let Some(left_out) = left_out {
                sum.add_mul(1.0, left_out);
            }
            draft.rows.push(constraint!(sum <= 1));
        }
    }

    fn need(&self, index: usize) -> f64 {
        self.basket.lines[self.column(index).pick.line as usize].quantity.get() as f64
    }

    /// Orders go to so many suppliers at most, and to those that must have one.
    fn add_suppliers(&self, draft: &mut Draft, orders: &BTreeMap<u32, Vec<Variable>>) {
        for (_, orders) in orders.iter().filter(|(supplier, _)| self.with.binary_search(&(**supplier as usize)).is_ok())
        {
            let mut sum: Expression = orders.iter().sum();
            sum.add_mul(1.0, draft.known);
            draft.rows.push(constraint!(sum >= 1));
        }
        let Some(most) = self.basket.limits.max_suppliers else { return };
        let mut suppliers = Expression::default();
        for orders in orders.values() {
            let supplier = draft.add(variable().binary(), 0.0);
            suppliers.add_mul(1.0, supplier);
            draft.rows.extend(orders.iter().map(|order| constraint!(*order <= supplier)));
        }
        draft.rows.push(constraint!(suppliers <= most as f64));
    }
}

/// What the columns of one seller have to do with each other.
struct SellerRows<'a> {
    program: &'a Program<'a>,
    /// By line.
    columns: &'a [(usize, Variable)],
}

/// What a column asks for once an order, in minor units of the basket.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Once {
    shipping: f64,
    /// The goods at which shipping is free, in the seller's minor units.
    free_from: Option<i128>,
    fees: f64,
}

impl SellerRows<'_> {
    /// Adds the seller's rows, and returns the variable that says that it has an order, if one is needed.
    fn add(&self, draft: &mut Draft) -> Option<Variable> {
        let once: Vec<Once> = self.columns.iter().map(|(index, _)| self.once(*index)).collect();
        let first = *once.first()?;
        let is_alike = once.iter().all(|once| *once == first);
        let minimum = self.columns.iter().filter_map(|(index, _)| self.program.conditions(*index).minimum_value).max();
        let is_free = once.iter().all(|once| once.shipping == 0.0 && once.fees == 0.0);
        if is_free && minimum.is_none() && self.program.basket.limits.max_suppliers.is_none() {
            return None;
        }
        let cost = if is_alike { first.shipping + first.fees } else { 0.0 };
        let has_order = draft.add(variable().binary(), cost);
        for columns in self.lines() {
            let sum: Expression = columns.iter().map(|(_, variable)| variable).sum();
            draft.rows.push(constraint!(sum <= has_order));
        }
        if let Some(minimum) = minimum {
            let reached = self.reaches(minimum);
            draft.rows.push(constraint!(reached >= has_order));
        }
        let ships_free = once.iter().filter_map(|once| once.free_from).max().map(|from| {
            let saved = if is_alike { -first.shipping } else { 0.0 };
            let ships_free = draft.add(variable().binary(), saved);
            let reached = self.reaches(from);
            draft.rows.push(constraint!(reached >= ships_free));
            draft.rows.push(constraint!(ships_free <= has_order));
            ships_free
        });
        if !is_alike {
            self.add_unlike(draft, &once, ships_free);
        }
        Some(has_order)
    }

    fn once(&self, index: usize) -> Once {
        let conditions = self.program.conditions(index);
        let fine = |amount| in_minor(conditions.fine(amount).unwrap_or(i128::MAX >> 32));
        Once {
            shipping: conditions.shipping.cost(0).map_or(0.0, fine),
            free_from: conditions.free_from(),
            fees: fine(conditions.order_fees),
        }
    }

    /// The columns of which only one is bought: those of a line, or where it may be split, of an offer.
    fn lines(&self) -> impl Iterator<Item = &[(usize, Variable)]> {
        let group = |index: usize| {
            let Pick { line, offer, .. } = self.program.column(index).pick;
            (line, if self.program.basket.limits.split { offer } else { 0 })
        };
        self.columns.chunk_by(move |left, right| group(left.0) == group(right.0))
    }

    /// At least 1 when the goods reach a limit. Goods are whole minor units, so that half a unit less than the limit
    /// keeps floats from refusing what just reaches it; what they let through instead is found when it is counted.
    fn reaches(&self, limit: i128) -> Expression {
        let limit = (limit as f64 - 0.5).max(0.5);
        let mut sum = Expression::with_capacity(self.columns.len());
        for (index, variable) in self.columns {
            sum.add_mul((self.program.column(*index).goods as f64 / limit).min(1.0), *variable);
        }
        sum
    }

    /// Where conditions differ, the highest shipping and the highest fees of the columns that are bought count.
    fn add_unlike(&self, draft: &mut Draft, once: &[Once], ships_free: Option<Variable>) {
        let shipping = draft.add(variable().min(0.0), 1.0);
        let fees = draft.add(variable().min(0.0), 1.0);
        let most = once.iter().filter(|once| once.free_from.is_some()).map(|once| once.shipping).fold(0.0, f64::max);
        let mut begin = 0;
        for columns in self.lines() {
            let once = &once[begin..begin + columns.len()];
            begin += columns.len();
            let (mut fixed, mut free_from, mut fee) =
                (Expression::default(), Expression::default(), Expression::default());
            for ((_, variable), once) in columns.iter().zip(once) {
                let sum = if once.free_from.is_some() { &mut free_from } else { &mut fixed };
                sum.add_mul(once.shipping, *variable);
                fee.add_mul(once.fees, *variable);
            }
            draft.rows.push(constraint!(fixed <= shipping));
            draft.rows.push(constraint!(fee <= fees));
            if let Some(ships_free) = ships_free {
                draft.rows.push(constraint!(free_from - most * ships_free <= shipping));
            }
        }
    }
}

fn run(draft: Draft, bought: &[(usize, Variable)], gap: f64, time: Duration) -> Option<Found> {
    let Draft { variables, objective, rows, start, .. } = draft;
    // `Duration::MAX` and the like are no time that the solver can add to the present one.
    let seconds = time.as_secs_f64().min(1e6);
    let model = variables.minimise(objective).using(microlp).with_time_limit(seconds).with_initial_solution(start);
    #[expect(clippy::cast_possible_truncation, reason = "the solver takes a short float")]
    let mut model = model.with_mip_gap(gap as f32).ok()?;
    for row in rows {
        model.add_constraint(row);
    }
    let solution = model.solve().ok()?;
    let columns =
        bought.iter().filter(|(_, variable)| solution.value(*variable) > 0.5).map(|(index, _)| *index).collect();
    let is_optimal = matches!(solution.status(), SolutionStatus::Optimal);
    let solution = solution.into_inner();
    let bound = if is_optimal { Some(solution.objective()) } else { solution.stats().best_bound };
    Some(Found { columns, bound: bound.and_then(to_fine), is_proved: is_optimal })
}

/// An amount of the search in minor units.
fn in_minor(fine: i128) -> f64 {
    fine as f64 / FINE as f64
}

/// A bound in the search's units. The solver ends a branch that is better than the best purchase by less than a
/// billionth; that and as much again for the sums before it is taken off.
fn to_fine(minor: f64) -> Option<i128> {
    let safe = minor - 1e-6 - minor.abs() * 2e-9;
    #[expect(clippy::cast_possible_truncation, reason = "it is finite, and far within 128 bits")]
    (safe.is_finite() && safe.abs() < 1e24).then(|| (safe * FINE as f64).floor() as i128)
}
