# 每个任务一个词;没有 make 时:./run、./test、sh deploy/task.sh 任务
.PHONY: help run test check fmt slow faults bench migration lock rooms

help:
	@echo 'make run        启动(等于 ./run)'
	@echo 'make test       默认测试(等于 ./test)'
	@echo 'make check      格式、ruff、mypy --strict、分层约定、网页的 eslint、类型和单元测试'
	@echo 'make fmt        整理格式'
	@echo 'make slow       长测试,空闲的双核机器上约十五分钟'
	@echo 'make faults     断电、杀进程、断线的测试'
	@echo 'make bench      测速'
	@echo 'make migration  模型改动后生成一份迁移,必须人工过目'
	@echo 'make lock       依赖改动后重写锁定的清单'
	@echo 'make rooms      重画 docs/rooms.svg:谁引用谁'

run:
	./run

test:
	./test

check fmt slow faults bench migration lock rooms:
	@sh deploy/task.sh $@
