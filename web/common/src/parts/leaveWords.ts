/** What both pages say of leave, and of who stands in. */
export const leave = {
  title: "请假与代班",
  enter: "登记请假",
  hint: "请假期间，待核查、待核实、新派的工作、消息和坐堂班次都归代班人，代班人能办本人能办的事，记录里写代班人的名字；本人仍可登录。",
  notYours: "请假由本人或系统管理员登记。",
  nobody:
    "没有可以代班的人：代班人要是同一单位（或它的派出机构、上级部门）在用的账号；替网格员代班的，要是同一镇街的网格员。",
  since: "从什么时候起",
  until: "到什么时候止",
  substitute: "代班人",
  otherRoles: (who: string) => `${who}（职责与本人不同）`,
  reason: "事由（可不填）",
  submit: "登记",
  running: "请假中",
  coming: "将要请假",
  line: (since: string, until: string, who: string) => `${since} 至 ${until}，${who} 代班`,
  standsIn: (whose: string, since: string, until: string) =>
    `${since} 至 ${until}，替 ${whose} 代班`,
  instead: (whose: string) => `（替 ${whose} 代班）`,
  begun: (who: string, told: string) => `已登记，现在起由 ${who} 代班。${told}。`,
  entered: "已登记，到时候自动开始。",
  end: "回来上班",
  endWarns: "现在就结束请假：新的工作和消息归本人；已经交给代班人的核查和核实由代班人办完。",
  ended: "请假已结束。",
  takeBack: "撤回请假",
  takeBackWarns: "撤回后这次请假作废。",
  takenBack: "已撤回。",
} as const;
