"""A proposal of a department to hand a matter to townships, as it is sent."""

from datetime import timedelta

from server.clock import now

MAIN = "main_and_cooperating"
CHANGE = {
    "name": "共享单车停放劝导",
    "domain": "城乡建设",
    "lead": "镇街",
    "lead_duties": "劝导规范停放",
    "cooperating": [{"unit": "区执法局", "duties": "依法处罚"}],
    "legal_basis": "城市市容和环境卫生管理条例",
    "limit": 2,
    "urgency": "work_day",
}


def admission(**changes) -> dict:
    until = (now() + timedelta(days=365)).isoformat()
    given = {"list_type": MAIN, "reason": "离群众最近", "flow": "劝导", "funds": "二万元"}
    return given | {"staff": "两名协管员", "until": until, "change": CHANGE} | changes
