/** What the room of all that waits says. */
export const words = {
  title: "待办",
  done: "都办完了，没有等您处理的事。",
  failed: "读取失败：",
  since: (when: string) => (when ? `${when} 起` : ""),
  asked: "我申请的，等答复",
  waited: "我交办的，等别人办",
  kinds: { told: "批示", docket: "联席会议", called: "呼叫" },
  resting: "暂停计时的，到期自动恢复",
  watched: "我关注的",
  mine: "只看由我经办的",
  n: (n: number) => `${n} 件`,
  keys: { next: "下一件", before: "上一件", open: "打开去办" },
} as const;
