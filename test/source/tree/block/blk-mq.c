/* A file that lacks what a step names, for the tests. */

void blk_mq_unquiesce_queue(struct request_queue *queue)
{
	queue->quiesced = false;
}
