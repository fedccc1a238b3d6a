"""What every benchmark prints in the end."""
import statistics

from harness import spread


class Table:
    """Rows of: what was compared, its goal, what came out."""

    def __init__(self):
        self.rows = [("case", "goal", "measured", "met")]

    def at_least(self, case, goal, values, text=None):
        self.add(case, f"≥ {goal:g}", text or spread(values), statistics.median(values) >= goal)

    def at_most(self, case, goal, values, text=None):
        self.add(case, f"≤ {goal:g}", text or spread(values), statistics.median(values) <= goal)

    def add(self, case, goal, measured, met):
        self.rows.append((case, goal, measured, "yes" if met else "no"))
        print(f"  {case}: {measured} ({goal})", flush=True)

    def __str__(self):
        lines = ["| " + " | ".join(row) + " |" for row in self.rows]
        return "\n".join([lines[0], "|---" * len(self.rows[0]) + "|"] + lines[1:])


def ratios(numerators, denominators):
    return [a / b for a, b in zip(numerators, denominators)]
