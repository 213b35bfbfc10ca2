"""From desired, live and ledger to a Plan: pure functions, no network, no clock, no kind known by name.

Layer: above `diff`. `plan.plan` is the way in; the other files are its stages in this order: `moves` (what is only
called differently now), `index` (finding live objects), `interrupted` (what a cut-off replacement left behind),
`decide` (what is declared), `jobs` (jobs that ended), `prune` (what is not declared any more), `scope` (what was
asked for), `quota` and `in_use` (what the service would refuse), `order` (steps and what they wait for), `safety`
(what speaks against it). `budget`, `blast`, `consequences` and `notes` say what it means, `relied` what it takes for
granted. `drift` stands by itself.
"""
