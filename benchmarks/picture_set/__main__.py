"""python -m benchmarks.picture_set OUT --count 360 --seed 7"""

from benchmarks.picture_set.make import main

main()
