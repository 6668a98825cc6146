/** What the first screen says, and what may stand over any other: it comes before all else. */
export const t = {
  app: "网格哨",
  motto: "拍照上报，件件有人管",
  tabs: { home: "首页", mine: "我的", inbox: "消息", work: "工作" },
  home: {
    report: "我要上报",
    reportHint: "拍张照片，说句话，剩下的交给我们",
    open: (n: number) => `您有 ${n} 件正在办`,
    kinds: { livelihood: "身边小事", enforcement: "违法举报", development: "建议求助" },
    kindHints: {
      livelihood: "路灯、积水、噪音、停车……",
      enforcement: "违建、偷排、无证经营……",
      development: "意见、建议、求助、办事",
    },
    list: "谁管什么",
    listHint: "查责任单位和电话",
    listNone: "没有找到，换个说法试试，或者直接上报，工作人员会找到该谁管。",
    ended: "办结公开",
    closedHint: "看看别人的问题解决得怎样",
    closedNone: "还没有办结的案件。",
    township: "镇街",
    basis: "依据",
    within: (limit: string) => `办理时限：${limit}内`,
    contact: "联系人",
    queue: (n: number) => `${n} 件待发送`,
    refused: (n: number) => `${n} 件没有被接收`,
    signIn: "登录后上报",
    emergency: "遇到危及生命的紧急情况，请先拨打 110、119、120。",
  },
  net: {
    plain:
      "这个网址不是 https：手机不给定位，没有网络时页面打不开。照常可以上报，位置请在地图上点，或写下地址。",
    noStore:
      "这个浏览器不让保存：没写完的内容和登录，关掉页面就没有了。请一次写完并提交，或换一个浏览器。",
    update: "页面有新版本",
    reload: "更新",
    banner: "没有网络：可以照常填写，有网后自动发送；要有网才能办的，填写前会写明",
    expired: "登录已过期，请重新登录。没有发出的上报都还在，登录后会自动发送。",
    clock: (hours: string) =>
      `手机的时间不准（相差约 ${hours}），已按服务器的时间记录。请校准手机时间。`,
  },
  settings: { title: "设置", large: "大字模式", about: "关于", docs: "接口说明" },
} as const;
