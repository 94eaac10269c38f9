# Every target works alone on a fresh machine with Python 3.11+ and make.

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input -qq install -c constraints.txt
PACKAGING := setup.cfg pyproject.toml constraints.txt

export PORT SIMULATOR_PORT

.PHONY: ports help setup demo demo-reset check test coverage mutants lint format bench faults screenshots clean

help:
	@echo "make demo        在本机启动演示，打印一个网址（PORT、SIMULATOR_PORT 可改端口）"
	@echo "make demo-reset  清空演示数据，重新启动"
	@echo "make setup       安装开发所需的一切"
	@echo "make check       提交前的快速检查：格式、类型、与改动最近的测试（不到一分钟）"
	@echo "make test        代码检查和全部测试"
	@echo "make coverage    全部测试走过哪些分支，低于下限就失败"
	@echo "make mutants     把纯规则一处处改坏，看测试是否发现"
	@echo "make lint        只做代码检查"
	@echo "make format      整理代码格式"
	@echo "make bench       性能测试"
	@echo "make faults      反复杀死进程 200 次，再让两人同一时刻做每两个操作，看有没有丢、半写、重复"
	@echo "make screenshots 重新拍摄文档里的图片"
	@echo "make clean       删除环境和缓存（保留 var/ 里的数据）"

setup: $(VENV)/.dev $(VENV)/.frontend $(VENV)/.browser

demo: ports $(VENV)/.runtime $(VENV)/.frontend
	@$(BIN)/python scripts/demo.py

demo-reset: ports $(VENV)/.runtime $(VENV)/.frontend
	@$(BIN)/python scripts/demo.py --reset

lint: $(VENV)/.dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

format: $(VENV)/.dev
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

check: $(VENV)/.dev
	@$(BIN)/python scripts/check.py

test: setup lint
	@$(BIN)/pytest -n auto --dist loadgroup
	@$(BIN)/python scripts/requirements_table.py --strict

coverage: setup
	@$(BIN)/coverage erase
	@$(BIN)/coverage run -m pytest -n auto --dist loadgroup
	@$(BIN)/coverage combine --quiet
	@$(BIN)/coverage report

mutants: $(VENV)/.dev
	@$(BIN)/python -m scripts.mutants

bench: setup
	@$(BIN)/python -m benchmarks

faults: setup
	@$(BIN)/python -m tests.crash

screenshots: setup
	@$(BIN)/python -m scripts.screenshots
	@$(BIN)/python -m scripts.simulator_pictures

clean:
	rm -rf $(VENV) node_modules h5/static/vendor *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage* mutants

# What is installed. Each stamp is written last, so an interrupted step is done again.

$(BIN)/python:
	@python=$$(sh scripts/find_python.sh); \
	if [ -z "$$python" ]; then \
		echo "需要 Python 3.11 或更高版本，本机没有找到。请先安装（如 apt-get install python3 python3-venv），"; \
		echo "或指明它的位置：make $(MAKECMDGOALS) PYTHON=/path/to/python3.11"; \
		exit 1; \
	fi; \
	"$$python" -m venv $(VENV) || { \
		rm -rf $(VENV); \
		echo "建立虚拟环境失败，原因见上。Debian / Ubuntu 上请先执行：apt-get install python3-venv"; \
		exit 1; \
	}

# Not a file: the ports are looked at before anything is installed or started, every time.

ports: | $(BIN)/python
	@$(BIN)/python scripts/demo.py --check

$(VENV)/.runtime: $(PACKAGING) | $(BIN)/python
	@echo "正在安装运行所需的 Python 包（首次约半分钟）……"
	@$(PIP) -e . || { echo "安装失败，原因见上。请检查 PyPI 软件源的网络后重试。"; exit 1; }
	@touch $@

$(VENV)/.dev: $(PACKAGING) | $(BIN)/python
	@echo "正在安装开发和测试所需的 Python 包（首次约一分钟）……"
	@$(PIP) -e '.[dev]' || { echo "安装失败，原因见上。请检查 PyPI 软件源的网络后重试。"; exit 1; }
	@touch $(VENV)/.runtime $@

$(VENV)/.frontend: package.json package-lock.json scripts/vendor_assets.py scripts/frontend.py | $(BIN)/python
	@echo "正在安装前端文件……"
	@$(BIN)/python scripts/frontend.py
	@touch $@

$(VENV)/.browser: scripts/browser.sh | $(BIN)/python
	@sh scripts/browser.sh
	@touch $@
