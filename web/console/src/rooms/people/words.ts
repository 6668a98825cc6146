/** What the room of units and people says. */
import type { PlanAnswer } from "@gridwhistle/common/openapi";

export const words = {
  title: "单位与人员",
  tabs: { units: "单位与账号", plans: "改名与合并", sheet: "批量开账号" },
  find: "按名称、代码找单位",
  findPeople: "按姓名、用户名找人",
  all: "所有账号",
  staff: "本单位人员",
  none: "没有找到。",
  kinds: {
    department: "部门",
    township: "镇街",
    station: "派出机构",
    utility: "公用企业",
    village: "村和社区",
  },
  code: "代码",
  phone: "值班电话",
  noPhone: "没有登记值班电话",
  shortNames: "简称",
  oldNames: "曾用名",
  part: "隶属",
  closed: "已并入其他单位",
  cases: "看这个单位的案件",
  plan: {
    rename: "改名",
    merge: "合并到另一单位",
    name: "新名称",
    document: "依据的文件",
    into: "合并到",
    propose: "提出",
    proposed: "已提出，要由另一位有权的人确认后才生效。",
    what: ({ was, now, kind, undoes }: PlanAnswer) =>
      kind === "part"
        ? `${was} 不再并入 ${now}，恢复单独办理`
        : kind === "merge"
          ? `${was} 并入 ${now}`
          : undoes
            ? `${was} 恢复原名 ${now}`
            : `${was} 改名为 ${now}`,
    follows: "确认后会跟着变的",
    preview: (n: {
      n_cases: number;
      n_tasks: number;
      n_entries: number;
      n_people: number;
      n_stations: number;
    }) =>
      `${n.n_cases} 件未办结的案件、${n.n_tasks} 个任务、清单 ${n.n_entries} 条、` +
      `${n.n_people} 个账号、${n.n_stations} 个派出机构`,
    going: (nos: string[], n: number) =>
      `随之转过去的任务在：${nos.join("、")}${n > nos.length ? ` 等 ${n} 个任务` : ""}`,
    staying: (unit: string, nos: string[], n: number) =>
      `合并后新交给${unit}的 ${n} 件案件（包括用旧名称呼叫的）不转回，仍由${unit}办理：` +
      `${nos.join("、")}${n > nos.length ? " 等" : ""}`,
    states: { proposed: "待确认", done: "已生效", withdrawn: "已撤回", undone: "已恢复" },
    by: (who: string, at: string) => `${who} ${at} 提出`,
    decided: (who: string, at: string, withdrawn: boolean) =>
      `${who} ${at} ${withdrawn ? "撤回" : "确认"}`,
    confirm: "确认生效",
    confirmWarns: "确认后立即生效，相关的案件、任务和账号都按新的单位走；30 天内可以恢复。",
    confirmed: "已生效。",
    withdraw: "撤回",
    withdrawWarns: "撤回后这项提议作废，要改名或合并须重新提出。",
    withdrawn: "已撤回。",
    undo: "提议恢复原状",
    undoWarns:
      "提出恢复到生效之前的名称和归属，先看哪些会转回、哪些不转回，由另一人确认；之后又改过的，要先恢复那一次。",
    undoProposed: "已提议恢复原状，要由另一位有权的人确认后才生效。",
    confirmUndoWarns: "确认后立即恢复，转走后没有再动过的任务、账号、派出机构都转回。",
    undoing: (who: string, at: string) => `${who} ${at} 提议恢复原状`,
    undoingDecided: (who: string, at: string, done: boolean) =>
      `${who} ${at} ${done ? "确认恢复" : "撤回提议"}`,
    none: "没有改名或合并的提议。",
    how: "一人提出、另一人确认，恢复原状也是；旧名称仍然可以找到单位。",
  },
  account: {
    new: "开账号",
    username: "用户名",
    usernameHint: "字母、数字、点、横线、下划线",
    name: "姓名",
    unit: "单位（可不填）",
    given: "角色",
    grids: "负责的网格",
    add: "再加一个角色",
    remove: "去掉",
    made: "账号已开。",
    change: "改角色和单位",
    changed: (told: string) => `已修改，此人的登录都已退出。${told}。`,
    close: "停用",
    closeWarns:
      "停用后此人的登录立即退出；等他处理的核查和核实自动转给同网格或同单位的其他人，单位和班次没有人了会通知派遣员和管理员。",
    closed: (told: string) => `已停用。${told}。`,
    open: "重新启用",
    openWarns: "启用后恢复原来的角色、单位和密码。",
    opened: "已启用。",
    reset: "重设密码",
    resetWarns: "此人的登录立即退出，新密码只显示这一次，请当面交给本人。",
    isClosed: "已停用",
    demo: "演示",
    wechat: "没有用户名，用微信登录",
    none: "这里没有账号。",
    more: "再看一些",
    narrow: "还有更多，请写姓名或用户名来找。",
  },
  sessions: {
    title: "登录",
    none: "现在没有登录。",
    end: "退出",
    warns:
      "这个登录马上退出，没有提交的内容留在那台设备上；此人可以再登录。要他不能再登录，请停用账号或者重设密码。",
    endAll: "退出全部登录",
    warnsAll: "此人在手机、工作台和大屏上的登录马上全部退出；可以再登录。",
    ended: "已退出。",
  },
  once: {
    title: "初始密码：只显示这一次",
    hint: "离开这个页面就再也看不到了；请打印或下载后交给本人，并提醒改密码。",
    print: "打印",
    download: "下载 csv",
    close: "已交给本人，不再显示",
    file: "初始密码.csv",
    head: ["姓名", "用户名", "单位", "初始密码"],
  },
  sheet: {
    hint: "表头至少有“姓名”“用户名”“角色”，可以有“所属单位”“网格”；支持 xlsx、xls、et、csv。先检查，没有问题再开；要么全部开成，要么一个不开。",
    file: "选择表格",
    check: "检查",
    checking: "正在检查……",
    make: (n: number) => `开 ${n} 个账号`,
    making: "正在开账号，人多时要等一会儿……",
    fine: (n: number) => `检查通过，共 ${n} 人。还没有开，看过下面的名单再开。`,
    ignored: (names: string) => `没有用到的列：${names}`,
    made: (n: number) => `已开 ${n} 个账号。`,
    row: "行",
    column: "列",
    reason: "问题",
    map: "列名不同时，请指明哪一列是什么，再检查一次。",
    leave: "不读",
    columns: ["姓名", "用户名", "单位", "角色", "网格"],
  },
} as const;
